"""What `flask smartlead doctor` examines: this installation, SmartLead's account, its webhooks, the public address."""
