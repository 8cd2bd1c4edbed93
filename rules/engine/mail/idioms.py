"""Idioms: the words that mail programs put around a quotation, in the languages they speak.

All of it is compared in folded form, so case and accents do not count here.
"""

from __future__ import annotations

import re
from typing import Final

from rules.engine.matching.folding import fold
from rules.engine.matching.needles import Needles


def _any_of(phrases: str) -> str:
    """Give an alternation of phrases that are written with | between them."""
    return "|".join(dict.fromkeys(fold(phrase) for phrase in phrases.split("|")))


_WROTE: Final = _any_of(
    "wrote|writes|schrieb|a écrit|escribió|ha scritto|scrive|escreveu|schreef|napisał|napisała|pisze|skrev"
    "|kirjoitti|napsal|napsala|napísal|написал|написала|писал|пишет|пише|yazd\u0131|írta|a scris|έγραψε|je napisao"
    "|va escriure|idatzi du|đã viết|menulis|geschrieben|geschreven|написа|je napisala|napisao je|napisala je"
    "|написао|rašė|rakstīja|kirjutas|skrifaði|ne shkroi|נכתב|כתב|כתבה|نوشت|كتب|كتبت|ने लिखा"
)
_WROTE_UNSPACED: Final = _any_of("写道|寫道|작성|さんが書きました|เขียนว่า")
# The vowel signs of Hindi, with which a word may end, are no letters to \b.
WROTE: Final = re.compile(rf"\b(?:{_WROTE})(?!\w)|{_WROTE_UNSPACED}")
"""The verb of an attribution line."""

_OWN_WRITING: Final = _any_of("I wrote|I have written|habe ich|schrieb ich|j'ai écrit|io ho scritto|heb ik")
OWN_WRITING: Final = re.compile(rf"\b(?:{_OWN_WRITING})\b")
"""What a person says of a mail of the person's own: no program writes an attribution so."""

_OPENERS: Final = _any_of("on|am|le|el|il|il giorno|em|no dia|a|op|w dniu|dnia|den|dne|på|в|le jour")
DATED_OPENING: Final = re.compile(rf"(?:{_OPENERS})\b[^\d]{{0,25}}\d|[(\[]?\d")
"""How an attribution line begins that has its date first."""

_LABELS: Final = {
    "from": "From|Von|De|Da|Van|Od|Från|Fra|Lähettäjä|От|От кого|Від|Kimden|Feladó|Από|De la|Nuo|No|Saatja|Frá|Dari"
    "|Từ|מאת|من|از|จาก|प्रेषक|差出人|发件人|寄件者|보낸 사람|보낸사람",
    "sent": "Sent|Date|Gesendet|Datum|Envoyé|Date d'envoi|Enviado|Enviado el|Enviada em|Fecha|Data|Inviato"
    "|Verzonden|Wysłano|Skickat|Sendt|Dato|Lähetetty|Odesláno|Отправлено|Дата|Gönderildi|Elküldve"
    "|Wysłane|Data wysłania|Odoslané|Poslano|Poslato|Изпратено|Надіслано|Датум|Στάλθηκε|Αποστολή|Ημερομηνία|Trimis"
    "|Gönderme Tarihi|Tarih|Dátum|Date de réception|Enviat|Išsiųsta|Siųsta|Nosūtīts|Datums|Saadetud|Kuupäev"
    "|Dikirim|Tanggal|Đã gửi|Ngày|נשלח|תאריך|تم الإرسال|تاريخ الإرسال|التاريخ|تاریخ|ส่ง|ส่งเมื่อ|วันที่|दिनांक"
    "|送信日時|送信日|日付|日時|发送时间|日期|寄件日期|傳送日期|보낸 날짜|보낸날짜|날짜",
    "to": "To|An|À|Para|A|Aan|Do|Till|Til|Vastaanottaja|Komu|Кому|Kime|Címzett|До|\u0417\u0430|Za|Prima|Prejemnik"
    "|Προς|Către|Per a|Kam|Adressaat|Saaja|Kepada|Đến|Tới|אל|إلى|به|ถึง|宛先|收件人|收件者|받는 사람|받는사람",
    "cc": "Cc|Kopie|Kopia|Kopi|Copie|Копия|抄送|副本|참조",
    "subject": "Subject|Betreff|Objet|Asunto|Oggetto|Assunto|Onderwerp|Temat|Ämne|Emne|Aihe|Předmět|Тема|Konu"
    "|Tárgy|Θέμα|Predmet|Zadeva|Относно|Предмет|Subiect|Assumpte|Tema|Temats|Teema|Efni|Subjek|Perihal|Chủ đề"
    "|Tiêu đề|נושא|الموضوع|موضوع|เรื่อง|ชื่อเรื่อง|विषय|件名|主题|主旨|主題|제목",
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
        "|Mensagem encaminhada|Doorgestuurd bericht|Vidarebefordrat meddelande|Videresendt besked|Videresendt melding"
        "|Välitetty viesti|Przekazana wiadomość|Přeposlaná zpráva|Pôvodná správa|Preposlaná správa|Eredeti üzenet"
        "|Továbbított üzenet|Mesaj original|Mesaj redirecționat|Orijinal Mesaj|Orijinal İleti|Yönlendirilen mesaj"
        "|Оригінальне повідомлення|Переслане повідомлення|Пересланное сообщение|Оригинално съобщение"
        "|Препратено съобщение|Αρχικό μήνυμα|Προωθημένο μήνυμα|Izvorna poruka|Originalna poruka|Proslijeđena poruka"
        "|Izvirno sporočilo|Pradinis laiškas|Sākotnējais ziņojums|Algne sõnum|Thư gốc|Pesan asli|הודעה מקורית"
        "|הודעה שהועברה|الرسالة الأصلية|رسالة معاد توجيهها|转发邮件信息|轉寄郵件|전달된 메시지|転送メッセージ"
        "|原始邮件|原始郵件|원본 메일|元のメッセージ"
    ).split("|")
)
"""What stands between dashes above a quoted mail."""

REPLY_ABOVE: Final = re.compile(
    _any_of(
        "above this line|below this line to reply|oberhalb dieser Zeile|über dieser Zeile|oberhalb dieser Linie"
        "|über dieser Linie|au-dessus de cette ligne|encima de esta línea|sopra questa riga|sopra questa linea"
        "|acima desta linha|acima dessa linha|boven deze regel|boven deze lijn|ovanför denna rad|ovanför den här raden"
        "|over denne linje|over denne linjen|powyżej tej linii|nad tą linią|nad tento řádek|nad tímto řádkem"
        "|выше этой линии|выше этой строки|над этой строкой|tämän rivin yläpuolelle|bu sat\u0131r\u0131n üstüne"
        "|bu sat\u0131r\u0131n üzerine|fölé a sor fölé|この行より上|この線より上|此行上方|此线以上|此行以上|이 줄 위"
    )
)
"""What help desks put above the mail that they quote."""

FORWARDS: Final = frozenset(
    _any_of(
        "Begin forwarded message:|Anfang der weitergeleiteten Nachricht:|Début du message transféré :"
        "|Inicio del mensaje reenviado:|Inizio messaggio inoltrato:|Início da mensagem encaminhada:"
        "|Begin doorgestuurd bericht:"
    ).split("|")
)
"""What stands above a forwarded mail without dashes."""

_SENT_FROM: Final = _any_of(
    "sent from|sent via|sent with|sent using|get outlook|gesendet von|gesendet mit|holen sie sich outlook|outlook für"
    "|envoyé de|envoyé depuis|envoyé à partir|télécharger outlook|obtenez outlook|enviado desde|enviado do"
    "|enviado de|enviado a partir|obtener outlook|obter o outlook|inviato da|scarica outlook"
    "|verstuurd vanaf|verzonden vanaf|verzonden met|outlook voor|wysłane z|wysłano z|pobierz outlook"
    "|skickat från|skaffa outlook|sendt fra|hent outlook|få outlook|lähetetty|hanki outlook|odesláno z"
    "|získat outlook|отправлено|надіслано|скачать outlook|obtenir outlook|baixar o outlook|obter outlook"
    "|download outlook|pobierz aplikację outlook|wysłane ze|trimis de pe|poslano s|poslano z|poslané z|изпратено от"
    "|στάλθηκε από|išsiųsta iš|saadetud minu|nosūtīts no|dikirim dari|đã gửi từ|gửi từ|enviat des|enviat del"
)
_DEVICES: Final = (
    "iphon|ipad|ipod|ios|mac|android|samsung|galaxy|blackberry|huawei|xiaomi|pixel|nokia|windows|outlook|yahoo|gmail"
    "|mail|mobil|handy|smartphone|telefon|phone|tablet|proton|superhuman|spark|fairphone|bluemail|thunderbird"
)
_DEVICE: Final = rf"[^ ]*(?:{_DEVICES})[^ ]*"
_WHOLE_TAGS: Final = fold(
    "(?:diese nachricht wurde )?von meine[^ ]* (?:[^ ]+ ){0,2}DEVICE (?:[^ ]+ )?(?:mit [^ ]+ [^ ]+ )?gesendet"
    "|sent using|sent from my [^.!?,;]{1,40} on the [^.!?,;]{1,30} network|DEVICE gönderildi|DEVICE küldve"
    "|DEVICEから送信|.{0,8}outlook.{0,12}を入手|发自我的.{1,20}|从我的.{1,20}发送|從我的.{1,20}傳送"
    "|(?:获取|下载).{0,12}outlook.{0,12}|(?:나의|내) DEVICE 보냄|(?:ios|android)용 outlook .{1,8}|ส่งจาก ?DEVICE.{0,12}"
    "|נשלח מ[^ ]{0,4}DEVICE(?: שלי)?"
    "|أ.?رسلت من [^ ]{0,4} ?DEVICE|مرسل من [^ ]{0,4} ?DEVICE|تم الإرسال من [^ ]{0,4} ?DEVICE"
).replace("device", _DEVICE)
_APOLOGIES: Final = _any_of(
    "typos|typo|brevity|brief|excuse|short|errors|mistakes|spelling|autocorrect|tippfehler|kürze|fautes|brièveté"
    "|errores|errori|erros|brevedad|brevità|typfouten|stavfel"
)
_APOLOGY_WORDS: Final = _any_of(
    "please|pls|sorry|for|any|the|my|and|or|und|et|y|e|o|of|in|this|message|reply|email|pardon|forgive|all|it is|it's"
    "|bitte|entschuldigen sie|entschuldigung|für|die|etwaige|eventuelle|mögliche|merci|d'excuser|excusez|les|la|mes"
    "|éventuelles|de|ma|frappe|por favor|disculpe|disculpa|perdone|los|le|mis|posibles|scusate|scusi|gli|eventuali"
    "|desculpe|os|possíveis|being|so|too|fat|fingers|thumbs|be|may|contain|phone|grammar|rechtschreibfehler|i|am"
)
_MODELS: Final = (
    "for|on|the|all|new|my|app|apps|email|secure|mini|pro|max|plus|ultra|device|enterprise|by|von|pour|para|per|voor"
    "|dla|do|for ios|and|und|cua|toi|saya|mea|meu|min|minn|мого|моего"
)
_MODEL: Final = rf"(?: (?:{_MODELS}|[^ .!?,;]*(?:\d|{_DEVICES})[^ .!?,;]*))"
_SORRY: Final = rf"(?:{_APOLOGY_WORDS}|{_APOLOGIES})"
TAG_LINE: Final = re.compile(
    rf"(?:(?:{_SENT_FROM})\b[^.!?,;-]{{0,40}}\b(?:{_DEVICES})[^ .!?,;]*{_MODEL}{{0,8}}"
    rf"(?: [^ .!?,;-]{{1,20}})?{_MODEL}{{0,8}}[ ()]{{0,6}}"
    rf"|{_WHOLE_TAGS})"
    rf"(?:[.!]?$|[.,;! -]{{1,3}}(?:{_SORRY}[ ,.!-]{{1,3}}){{0,12}}(?:{_APOLOGIES})"
    rf"(?:[ ,.!-]{{1,3}}{_SORRY}){{0,12}}[.!]?$)"
)
"""The line that a telephone or a mail program puts under what was written, maybe with an apology."""

TAG_NEEDLES: Final = Needles(
    (*_DEVICES.split("|"), "sent using", "sent from my", *map(fold, ("发自我的", "从我的", "從我的", "获取", "下载")))
)
"""One of them stands in every line that TAG_LINE matches."""

_WISHES: Final = _any_of("me|mich|moi|call|stop|remove|unsubscribe|delete|rufen|abmelden|rappelez|llame|chiami|bel")
WISH: Final = re.compile(rf"\b(?:{_WISHES})\b")
"""What no program puts into such a line: the person went on writing behind it."""

_OWN_WISHES: Final = _any_of(
    "unsubscribe me|unsubscribe us|remove me|remove us|remove my|delete me|delete my|take me|take us|stop mailing|mich"
    "|uns bitte|désabonnez-moi|désinscrivez-moi|me désabonner|me désinscrire|darme de baja|dadme|dame de baja|denme"
    "|cancellatemi|cancellami|descadastre-me|verwijder mij|wypiszcie mnie|отпишите меня"
)
FOOTER: Final = re.compile(
    rf"(?!.*\b(?:{_OWN_WISHES})\b)(?=.*(?:"
    + _any_of(
        "unsubscribe|opt out|opt-out|not hear from|stop receiving|no longer|reply stop|mailing list|remove you|abmelden"
        "|abbestell|keine weiteren|keine mails|désabonn|désinscri|ne plus recevoir|darse de baja|responde baja"
        "|no quieres recibir|no desea recibir|disiscriver|cancellarti|non ricevere|descadastr|cancelar inscrição"
        "|uitschrijv|afmelden|avregistrer|avprenumerer|afmeld|avmeld|wypisać|zrezygnować|отписаться|odhlásit|peruuta"
        "|配信停止|退订|退訂|수신거부|إلغاء الاشتراك|להסרה"
    )
    + r"))(?=.*(?:"
    + _any_of(
        "click|here|if you|to stop|to unsubscribe|reply stop|reply with|p.s.|you received|you are receiving|wenn sie"
        "|falls sie|hier|antworten sie|pour ne|pour vous|cliquez|répondez|si no|si ya|haga clic|responde|se non"
        "|clicca|rispondi|se não|clique|als u|klik|om |hvis|klicka|klikk|jeśli|kliknij"
        "|если|нажмите|pokud|希望|ご返信|点击|回复|클릭"
        "|ردوا|השיבו"
    )
    + r"|^(?:unsubscribe|abmelden|opt out)\W*$))"
)
"""How to get no more of our mails, as it stands below a mail to many."""

BANNER: Final = re.compile(
    _any_of(
        "external|caution|outside of|outside your|originated|you don't often get|learn why this|do not click"
        "|unknown sender|first time|suspicious|phishing|extern|achtung|vorsicht|attention|expéditeur|atención"
        "|precaución"
        "|attenzione|cuidado|let op|uwaga|obs|внимание|外部|注意"
    )
)
"""What a gateway puts above a mail that comes from outside."""

DISCLAIMER: Final = re.compile(
    _any_of(
        "confidential|intended recipient|virus|privileged|vertraulich|confidentiel|confidencial|riservat|vertrouwelijk"
        "|registered in|all rights reserved|privacy|think before you print|consider the environment|poufn|конфиденц"
    )
)
"""What companies put below every mail."""

_ANSWERS_ELSEWHERE: Final = _any_of(
    "siehe unten|s\\. ?u\\.|weiter unten|unten stehend|im text|in rot|in blau|in grün|zwischen den zeilen"
    "|ci-dessous|plus bas|voir ci-après|en rouge|en bleu|dans le texte|más abajo|a continuación|en rojo|en azul"
    "|entre líneas|qui sotto|di seguito|più sotto|in rosso|in blu|nel testo|abaixo|em vermelho|em azul|no texto"
    "|zie onder|hieronder|in het rood|in het blauw|in de tekst|poniżej|na czerwono|w tekście|se nedan|här nedan"
    "|i rött|se nedenfor|herunder|i rødt|med rødt|alla olevat|punaisella|viz níže|níže|červeně|ниже|красным"
    "|aşağ\u0131da|k\u0131rm\u0131z\u0131|lásd alább|lent|pirossal|mai jos|cu roșu|παρακάτω|以下に|下記に|赤字"
    "|如下|红色|紅色|아래|빨간"
)
_ANSWERS: Final = "answers?|comments?|repl(?:y|ies)|responses?|notes?|remarks?|thoughts"
_MARKED: Final = (
    "in ?line|in (?:red|blue|green|bold|capitals?|caps|colou?r)|between your lines|interspersed|interleaved"
)
ANSWERS_BELOW: Final = re.compile(
    rf"\b(?:(?:{_ANSWERS}) (?:are |is |in the mail |to your \w+ )?(?:below|underneath|{_MARKED})"
    rf"|(?:see|answered|replied|responded|commented) (?:{_MARKED}|below)|"
    rf"(?:see|look|scroll) (?:further )?(?:below|down)"
    rf"|below in |^{_MARKED}\b"
    rf"|(?:{_MARKED})\W*$|{_ANSWERS_ELSEWHERE})"
)
"""How a person tells that answers stand in the mail that is quoted below."""

ANSWERS_NEEDLES: Final = Needles(
    (
        *("below", "underneath", "see down", "look down", "scroll down", "further down", "inline", "in line"),
        *("in red", "in blue", "in green", "in bold", "in cap", "in colo", "between your lines"),
        *("interspersed", "interleaved", "s.u.", "s. u."),
        *(phrase for phrase in _ANSWERS_ELSEWHERE.split("|") if "\\" not in phrase),
    )
)
"""One of them stands in every text in which ANSWERS_BELOW is found."""
