"""What the lines of a mail tell: what somebody wrote just now, and what stood there before."""

from __future__ import annotations

import pytest

from rules.engine.mail.introductions import header_of, is_attribution
from rules.engine.mail.quotation import Cut, Line, cut_history, tidy


def left(text: str, *, marked_up: bool = False) -> str:
    lines = [Line(line) for line in text.split("\n")]
    return "\n".join(tidy(lines[at].text for at in cut_history(lines, marked_up=marked_up).places))


ATTRIBUTIONS = [
    ("en", "On Tue, 3 Mar 2026 at 10:12, Ana Ruiz <ana@zephyr.example> wrote:"),
    ("en, Thunderbird", "On 03/03/2026 10:12, Ana Ruiz wrote:"),
    ("en, Zoho", "---- On Tue, 03 Mar 2026 10:12:33 +0100 Ana Ruiz <ana@zephyr.example> wrote ----"),
    ("de", "Am Di., 3. März 2026 um 10:12 Uhr schrieb Ana Ruiz <ana@zephyr.example>:"),
    ("fr", "Le mar. 3 mars 2026 à 10:12, Ana Ruiz <ana@zephyr.example> a écrit\xa0:"),
    ("es", "El mar, 3 mar 2026 a las 10:12, Ana Ruiz (<ana@zephyr.example>) escribió:"),
    ("it", "Il giorno mar 3 mar 2026 alle ore 10:12 Ana Ruiz <ana@zephyr.example> ha scritto:"),
    ("pt", "Em ter., 3 de mar. de 2026 às 10:12, Ana Ruiz <ana@zephyr.example> escreveu:"),
    ("nl", "Op di 3 mrt 2026 om 10:12 schreef Ana Ruiz <ana@zephyr.example>:"),
    ("pl", "wt., 3 mar 2026 o 10:12 Ana Ruiz <ana@zephyr.example> napisał(a):"),
    ("sv", "Den tis 3 mars 2026 kl 10:12 skrev Ana Ruiz <ana@zephyr.example>:"),
    ("da", "Den tirs. 3. mar. 2026 kl. 10.12 skrev Ana Ruiz <ana@zephyr.example>:"),
    ("no", "tir. 3. mars 2026 kl. 10:12 skrev Ana Ruiz <ana@zephyr.example>:"),
    ("fi", "ti 3. maalisk. 2026 klo 10.12 Ana Ruiz (ana@zephyr.example) kirjoitti:"),
    ("cs", "út 3. 3. 2026 v 10:12 odesílatel Ana Ruiz <ana@zephyr.example> napsal:"),
    ("ru", "\u0432\u0442, 3 \u043c\u0430\u0440. 2026\u202f\u0433. \u0432 10:12, Ana Ruiz <ana@zephyr.example>:"),
    ("ja", "2026年3月3日(火) 10:12 Ana Ruiz <ana@zephyr.example>:"),
    ("zh", "Ana Ruiz <ana@zephyr.example> 于2026年3月3日 10:12写道\uff1a"),
    (
        "ko",
        "2026년 3월 3일 (화) 오전 10:12, Ana Ruiz <ana@zephyr.example>님이 작성:",
    ),
]


@pytest.mark.parametrize("line", [line for _, line in ATTRIBUTIONS], ids=[name for name, _ in ATTRIBUTIONS])
def test_the_line_above_a_quotation_goes_with_it_in_every_language(line: str) -> None:
    assert is_attribution(line)
    assert left(f"Thanks.\n\n{line}\n\n> Hi Tom,\n> a call?") == "Thanks."
    assert left(f"Thanks.\n\n{line}\nHi Tom,\n\na call?") == "Thanks.", "also where nothing marks the quotation"


@pytest.mark.parametrize(
    ("text", "kept", "why"),
    [
        ("Yes.\n\nOn Tue, 3 Mar 2026 at 10:12 AM Ana <\nana@z.example> wrote:\n> Hi", "Yes.", "it was wrapped"),
        ("Yes.\n\nOn Tue, Mar 3,\n2026 at 10:12 AM Ana <a@z.example>\nwrote:\n> Hi", "Yes.", "over three lines"),
        (
            "Yes.\nwt., 3 mar 2026 o 10:12 Ana <\nana@z.example> pisze:\n> Hi",
            "Yes.",
            "the line above it is no part of it",
        ),
        (
            "10 am is fine\nOn 3 Mar 2026 at 10:12 Ana <a@z.example> wrote:\n> Hi",
            "10 am is fine",
            "no blank line above it",
        ),
        ("On 5 March\nDen 3. mar. 2026 skrev Ana <a@z.example>:\n> Hi", "On 5 March", "nor where a date stands there"),
        ("On my side all is well:\nsee below", "On my side all is well:\nsee below", "no date, no sender"),
        ("On 3 March call me", "On 3 March call me", "nobody wrote anything"),
        ("As I wrote on 3 March 2026:\nyes", "As I wrote on 3 March 2026:\nyes", "a sentence, not a program's line"),
        ("Gern\n\nAna Ruiz schrieb am 03.03.2026 um 10:12:\n> Hi", "Gern", "name first, but a quotation follows"),
        (
            "On 3 Mar 2026, Ana wrote:\n> A call?\n\nFriday.\n\n> Reps?\n\nSix.\n> Ana",
            "Friday.\n\nSix.",
            "answers in between stay",
        ),
        ("> 3 Mar 2026 Ana wrote:\n> Hi\n\nNo, thanks.", "No, thanks.", "an answer below stays"),
    ],
)
def test_lines_that_somebody_wrote_stay(text: str, kept: str, why: str) -> None:
    assert left(text) == kept, why


@pytest.mark.parametrize(
    "header",
    [
        "From: Ana Ruiz\nSent: Tuesday, March 3, 2026 10:12 AM\nTo: Tom\nSubject: quick question",
        "*From:* Ana Ruiz <ana@z.example>\n*Date:* Tuesday\n*To:* Tom\n*Subject:* hello",
        "Von: Ana Ruiz\nGesendet: Dienstag, 3. März 2026\nAn: Tom\nBetreff: quick question",
        "De\xa0: Ana Ruiz\nEnvoyé\xa0: mardi 3 mars 2026\nÀ\xa0: Tom\nObjet\xa0: quick question",
        "De: Ana\nEnviado el: martes\nPara: Tom\nAsunto: hola",
        "Da: Ana\nInviato: martedì\nA: Tom\nOggetto: ciao",
        "De: Ana\nEnviada em: terça\nPara: Tom\nAssunto: oi",
        "Van: Ana\nVerzonden: dinsdag\nAan: Tom\nOnderwerp: hallo",
        "Od: Ana\nWysłano: wtorek\nDo: Tom\nTemat: pytanie",
        "Från: Ana\nSkickat: tisdag\nTill: Tom\nÄmne: hej",
        "Fra: Ana\nSendt: tirsdag\nTil: Tom\nEmne: hei",
        "Lähettäjä: Ana\nLähetetty: tiistai\nVastaanottaja: Tom\nAihe: hei",
        "Od: Ana\nOdesláno: úterý\nKomu: Tom\nPředmět: dotaz",
        "От: Ana\nОтправлено: 3 марта\nКому: Tom\nТема: hi",  # noqa: RUF001 - Russian is written so
        "差出人: Ana\n送信日時: 2026年\n宛先: Tom\n件名: hi",
        "发件人\uff1a Ana\n发送时间\uff1a 2026\n收件人\uff1a Tom\n主题\uff1a hi",
        "________________________________\nFrom: Ana\nSent: Tuesday\nTo: Tom\nSubject: hi",
        "-----Original Message-----\nwhatever",
        "-------- Ursprüngliche Nachricht --------\nwhatever",
        "---------- Forwarded message ---------\nwhatever",
        "Begin forwarded message:\n\nwhatever",
    ],
)
def test_all_below_the_header_of_a_quoted_mail_goes(header: str) -> None:
    assert left(f"No, thanks.\n\n{header}\n\nHi Tom,\nreply STOP to unsubscribe") == "No, thanks."


def test_an_answer_with_labels_of_its_own_stays() -> None:
    answer = "From: Berlin\nTo: Munich\nDate: Friday\nPlease send an offer."
    assert left(answer) == answer
    assert header_of("To: whom it may concern") == "to"
    assert header_of("Tomorrow: yes") is None
    appointment = "Ask for: Priya <priya@b.example>\nTime: Thursday 10:30\nPlace: 4 Quay Street"
    assert left(appointment) == appointment


@pytest.mark.parametrize(
    "line",
    [
        *("Sent from my iPhone", "Sent from my iPad, please excuse typos", "Sent from Mail for Windows"),
        *("Get Outlook for iOS<https://aka.ms/o0ukef>", "Get Outlook for Android", "Sent from Yahoo Mail for iPhone"),
        *(
            "Von meinem iPhone gesendet",
            "Von meinem Samsung Galaxy Smartphone gesendet.",
            "Gesendet mit der GMX Mail App",
        ),
        *("Envoyé de mon iPhone", "Enviado desde mi iPhone", "Inviato da iPhone", "Enviado do meu iPhone"),
        *(
            "Verstuurd vanaf mijn iPhone",
            "Wysłane z iPhone'a",
            "Skickat från min iPhone",
            "Sendt fra min iPhone",
        ),
        *(
            "Lähetetty iPhonesta",
            "Odesláno z iPhonu",
            "Sent with Proton Mail secure email.",
            "iPhoneから送信",
        ),
        "\u041e\u0442\u043f\u0440\u0430\u0432\u043b\u0435\u043d\u043e \u0441 iPhone",
        *(
            "Von meinem/meiner Galaxy gesendet",
            "Diese Nachricht wurde von meinem Android Mobiltelefon mit WEB.DE Mail gesendet.",
        ),
        *(
            "iPhone’umdan gönderildi",
            "나의 iPhone에서 보냄",
            "נשלח מה-iPhone שלי",
            "ส่งจาก iPhone ของฉัน",
            "أُرسلت من الـ iPhone",
        ),
        *("iOS 版 Outlook<https://aka.ms/o0ukef>を入手", "Sent using https://www.zoho.com/mail/", "從我的 iPhone 傳送"),
        "Sent from my BlackBerry 10 smartphone on the Verizon Wireless 4G LTE network.",
    ],
)
def test_the_line_that_a_telephone_adds_goes(line: str) -> None:
    assert left(f"Yes, call me.\n\n{line}") == "Yes, call me."


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone, call me tomorrow",
        "Sent via e-mail yesterday, did you get it?",
        "I sent from my phone what you wanted",
        "Von meinem Handy aus geht das nicht",
        "Von meiner Kollegin wurde Ihnen der Vertrag gesendet.",
        "تم الإرسال من قبل زميلي",
    ],
)
def test_a_line_that_only_resembles_it_stays(line: str) -> None:
    assert left(line) == line


@pytest.mark.parametrize(
    ("text", "kept", "why"),
    [
        ("Yes.\n-- \nTom Beck\n+49 30 123", "Yes.", "two dashes and a blank begin a signature"),
        ("Yes.\n-- \nTom\n\n> Hi\n\nP.S. Call me.", "Yes.\n\nP.S. Call me.", "it ends where a quotation begins"),
        ("Hi\n--\nI want to buy", "Hi\n--\nI want to buy", "without the blank it is a rule that somebody drew"),
        ("Hi\n\n--\nI want to buy", "Hi\n\n--\nI want to buy", "also where it stands apart"),
        ("No.\n\n--\nTom Beck\n+49 30 1234567", "No.", "but not above a name and a number"),
        ("No.\n\n--\nTom Beck\nCall +49 30 1234567!", "No.\n\n--\nTom Beck\nCall +49 30 1234567!", "nor a sentence"),
        ("No.\n\n--\nSent from my iPhone\n\n> Hi", "No.", "nor above the line of a telephone"),
        ("Yes.\n-- \n" + "more\n" * 30, "Yes.\n--\n" + "more\n" * 29 + "more", "nobody signs with thirty lines"),
    ],
)
def test_a_signature_goes(text: str, kept: str, why: str) -> None:
    assert left(text) == kept, why


def test_one_line_that_begins_with_a_greater_than_sign_is_a_quotation_in_plain_text_only() -> None:
    text = "We have more than 10 seats.\n> 20 would be too many."
    assert left(text) == "We have more than 10 seats."
    assert left(text, marked_up=True) == text


def test_what_was_cut_is_named_in_order() -> None:
    lines = [
        Line("Yes."),
        Line("Hi Tom", mark="quotation of Yahoo"),
        Line("Sent from my iPhone"),
        Line("-----Original Message-----"),
    ]
    kept = cut_history(lines, marked_up=True)
    assert kept.places == (0,)
    assert kept.cuts == (
        Cut(1, 2, "quotation of Yahoo"),
        Cut(2, 3, "tag line"),
        Cut(3, 4, "original or forwarded mail"),
    )
    assert kept.ended
