"""Idioms: the words that mail programs put around a quotation, in the languages they speak.

All of it is compared in folded form, so case and accents do not count here.
"""

from __future__ import annotations

import re
from typing import Final

from rules.engine.folding import fold


def _any_of(phrases: str) -> str:
    """Give an alternation of phrases that are written with | between them."""
    return "|".join(fold(phrase) for phrase in phrases.split("|"))


_WROTE: Final = _any_of(
    "wrote|writes|schrieb|a écrit|escribió|ha scritto|scrive|escreveu|schreef|napisał|napisała|pisze|skrev"
    "|kirjoitti|napsal|napsala|napísal|написал|написала|писал|пишет|пише|yazd\u0131|írta|a scris|έγραψε|je napisao"
    "|va escriure|đã viết|menulis"
)
_WROTE_UNSPACED: Final = _any_of("写道|寫道|작성|さんが書きました|เขียนว่า")
WROTE: Final = re.compile(rf"\b(?:{_WROTE})\b|{_WROTE_UNSPACED}")
"""The verb of an attribution line."""

_OPENERS: Final = _any_of("on|am|le|el|il|il giorno|em|no dia|a|op|w dniu|dnia|den|dne|på|в|le jour")
DATED_OPENING: Final = re.compile(rf"(?:{_OPENERS})\b[^\d]{{0,25}}\d|[(\[]?\d")
"""How an attribution line begins that has its date first."""

_LABELS: Final = {
    "from": "From|Von|De|Da|Van|Od|Från|Fra|Lähettäjä|От|От кого|Від|Kimden|Feladó|Από|De la|差出人|发件人|寄件者"
    "|보낸 사람",
    "sent": "Sent|Date|Gesendet|Datum|Envoyé|Date d'envoi|Enviado|Enviado el|Enviada em|Fecha|Data|Inviato"
    "|Verzonden|Wysłano|Skickat|Sendt|Dato|Lähetetty|Odesláno|Отправлено|Дата|Gönderildi|Elküldve"
    "|送信日時|日付|发送时间|日期|寄件日期|보낸 날짜",
    "to": "To|An|À|Para|A|Aan|Do|Till|Til|Vastaanottaja|Komu|Кому|Kime|Címzett|宛先|收件人|收件者|받는 사람",
    "cc": "Cc|Kopie|Kopia|Kopi|Copie|Копия|抄送|副本|참조",
    "subject": "Subject|Betreff|Objet|Asunto|Oggetto|Assunto|Onderwerp|Temat|Ämne|Emne|Aihe|Předmět|Тема|Konu"
    "|Tárgy|Θέμα|件名|主题|主旨|제목",
}
HEADERS: Final = {fold(label): header for header, labels in _LABELS.items() for label in labels.split("|")}
"""The labels in the header of a quoted mail, and what each stands for."""

DIVIDERS: Final = frozenset(
    _any_of(
        "Original Message|Original E-mail|Original Appointment|Ursprüngliche Nachricht|Originalnachricht"
        "|Message d'origine|Message original|Mensaje original|Messaggio originale|Mensagem original"
        "|Oorspronkelijk bericht|Wiadomość oryginalna|Oryginalna wiadomość|Ursprungligt meddelande"
        "|Originalmeddelande|Original meddelelse|Oprindelig meddelelse|Opprinnelig melding|Alkuperäinen viesti"
        "|Původní zpráva|Исходное сообщение|Пересылаемое сообщение|Forwarded message"
        "|Weitergeleitete Nachricht|Message transféré|Mensaje reenviado|Messaggio inoltrato"
        "|Mensagem encaminhada|Doorgestuurd bericht|原始邮件|原始郵件|원본 메일|元のメッセージ"
    ).split("|")
)
"""What stands between dashes above a quoted mail."""

FORWARDS: Final = frozenset(
    _any_of(
        "Begin forwarded message:|Anfang der weitergeleiteten Nachricht:|Début du message transféré :"
        "|Inicio del mensaje reenviado:|Inizio messaggio inoltrato:|Início da mensagem encaminhada:"
        "|Begin doorgestuurd bericht:"
    ).split("|")
)
"""What stands above a forwarded mail without dashes."""

_SENT_FROM: Final = _any_of(
    "sent from|sent via|sent with|get outlook|gesendet von|gesendet mit|holen sie sich outlook|outlook für"
    "|envoyé de|envoyé depuis|envoyé à partir|télécharger outlook|obtenez outlook|enviado desde|enviado do"
    "|enviado de|enviado a partir|obtener outlook|obter o outlook|inviato da|scarica outlook"
    "|verstuurd vanaf|verzonden vanaf|verzonden met|outlook voor|wysłane z|wysłano z|pobierz outlook"
    "|skickat från|skaffa outlook|sendt fra|hent outlook|få outlook|lähetetty|hanki outlook|odesláno z"
    "|získat outlook|отправлено|надіслано"
)
_DEVICES: Final = (
    "iphon|ipad|ipod|ios|mac|android|samsung|galaxy|blackberry|huawei|xiaomi|pixel|nokia|windows|outlook|yahoo|gmail"
    "|mail|mobil|handy|smartphone|telefon|phone|tablet|proton|superhuman|spark|fairphone|bluemail|thunderbird"
)
_WHOLE_TAGS: Final = (
    r"von meinem [^.!?]{1,40} gesendet|iphone'umdan gonderildi|iphoneから送信|发自我的.{1,20}|나의 iphone에서 보냄"
)
_APOLOGIES: Final = _any_of("typo|brevity|brief|excuse|tippfehler|kürze|fautes|errores|errori|erros")
TAG_LINE: Final = re.compile(
    rf"(?:(?:{_SENT_FROM})\b[^.!?,;-]{{0,40}}\b(?:{_DEVICES})[^.!?,;-]{{0,30}}|{fold(_WHOLE_TAGS)})"
    rf"(?:[.!]?$|[.,;!-].{{0,40}}(?:{_APOLOGIES}).{{0,60}}$)"
)
"""The line that a telephone or a mail program puts under what was written, maybe with an apology."""
