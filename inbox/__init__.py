"""SmartLead's inbox as a whole: walks through its lists, to mark what is chosen there and to find what was missed."""
