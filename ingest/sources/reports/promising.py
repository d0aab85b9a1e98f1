"""How a promise is worded, and how a report of it, as data: verbs that one can check, verbs that
nobody can, and the words by which an entry says how far something has come."""

from __future__ import annotations

import re

CHECKABLE = frozenset(
    "appoint approve audit award begin carry_out close commission complete conduct create deliver "
    "establish finalise finish go_live hold install introduce issue launch migrate open pilot "
    "procure produce publish recruit release repeat replace retire roll_out set_out set_up sign "
    "start survey switch_off train transfer trial".split()
)
"""Verbs of things that are done one day, so that a later report can say that they were."""

CHECKABLE_BY_A_DAY = frozenset(
    "achieve agree bring build implement increase move name raise reach redesign review run test "
    "upgrade write".split()
)
"""Verbs of which that is so where a day or a number stands beside them."""

NOT_CHECKABLE = frozenset(
    "accommodate aim allow attempt be_able benefit build_on collaborate consider continue "
    "contribute cooperate drive empower enable encourage engage ensure expect explore facilitate "
    "focus foster help hope influence keep lead liaise look maintain make_sure monitor participate "
    "play prioritise promote raise recognise remain respond result seek stay stimulate strive "
    "support take_part take_steps try understand want welcome work".split()
)
"""Verbs of which nobody can say that they are done: most entries use one of them."""

NEVER_CHECKABLE = frozenset("consider continue explore look seek support".split())
"""Those of them that stay so whatever they are followed by."""

SAME: tuple[frozenset[str], ...] = (
    frozenset("complete finish finalise deliver".split()),
    frozenset("launch go_live release introduce open start begin roll_out".split()),
    frozenset("publish issue set_out release produce write".split()),
    frozenset("conduct carry_out run hold complete".split()),
    frozenset("pilot test trial".split()),
    frozenset("create establish set_up build".split()),
    frozenset("appoint recruit name".split()),
    frozenset("move migrate transfer".split()),
)
"""Verbs that report one another: what was to be launched went live."""

IRREGULAR = {
    "began": "begin",
    "begun": "begin",
    "able": "be_able",
    "built": "build",
    "chosen": "choose",
    "drove": "drive",
    "held": "hold",
    "kept": "keep",
    "led": "lead",
    "made": "make",
    "met": "meet",
    "ran": "run",
    "sought": "seek",
    "taken": "take",
    "took": "take",
    "understood": "understand",
    "went": "go",
    "gone": "go",
    "written": "write",
    "wrote": "write",
}

WITH_PARTICLE = {
    "carry": ("out",),
    "go": ("live",),
    "roll": ("out",),
    "set": ("out", "up"),
    "switch": ("off",),
    "take": ("part", "steps"),
    "make": ("sure",),
    "build": ("on",),
    "be": ("able",),
}
"""Verbs that are one only with what follows them, at once or (`set it out`) a word later."""

SOFT = re.compile(
    r"\b(?:(?:aims?|hopes?|wants?|seeks?|looks?|expects?|keen|committed|aspires?|endeavours?) to|"
    r"(?:is|are) (?:seeking|looking|hoping|working|aiming|expecting|keen|committed) to)\b",
    re.I,
)
"""Wishes: what follows is wanted, not promised."""

FIRM = re.compile(
    r"\b(?:will|shall)\b|\b(?:plans?|intends?|proposes?|undertakes?) to\b"
    r"|\b(?:is|are) (?:planning to|planned to|intending to|due to|set to|to)(?= [a-z])"
    r"|\b(?:is|are)(?= (?:also )?planned\b(?! to))",
    re.I,
)
"""Words that make of what follows something that is to be done."""

IN_PROGRESS_FIRM = re.compile(
    r"\b(?:will|shall)\b|\b(?:is|are) (?:due|set|planning) to(?= [a-z])", re.I
)
"""The same in an entry on progress, where plans are told of as past."""

RELATIVE = re.compile(
    r"(?:\b(?:which|who|those|what|whether|where|what (?:it|they)|as (?:it|they)|where (?:it|they)|"
    r"how(?: [\w'-]+){0,3}|(?:that|so|to ensure|ensur(?:e|es|ed|ing))(?: [\w'-]+){0,8}))"
    r"(?: also| then)? $",
    re.I,
)
"""Before `will`: a clause that describes something, and does not promise it."""

ADVERB = (
    r"(?:also|then|further|now|again|therefore|soon|shortly|always|\w+ly|both|either|next|"
    r"nonetheless|however|where(?:ver)? (?:necessary|appropriate|possible))"
)
CONDITION = re.compile(
    r"\b(?:when|once|as soon as|subject to|depending on|if|unless|provided that)\b|^Should\b", re.I
)
"""What a promise waits for: then it has no day."""

DENIED = re.compile(
    r"\b(?:has|have|had|was|were|did|could|is|are)(?: not\b|n't\b)|\byet to\b|\bunable to\b"
    r"|\bfailed to\b|\bremains? to be\b|\bcould not\b|\bnot (?:yet )?been\b|\bno progress\b",
    re.I,
)
REPLACED = re.compile(
    r"\b(?:replaced|superseded|overtaken) (?:by|with)\b|\bsuperseded\b|\bno longer (?:going|plan|"
    r"intend|be|pursu|need|requir)\w*|\b(?:was|were|been|is|are) (?:dropped|abandoned|cancelled|"
    r"withdrawn|discontinued)\b|\b(?:in|took) (?:its|their) place\b",
    re.I,
)
DELAYED = re.compile(
    r"\bdelayed\b|\bpostponed\b|\bdeferred\b|\bbehind schedule\b|\bslipped\b|\bput back\b"
    r"|\blater than (?:planned|expected)\b|\bheld up\b",
    re.I,
)
HIDDEN = re.compile(r"\b(?:to|by|and) (?P<verb>[a-z]+)")
"""Behind a verb that nobody can check one that perhaps can: `encourage it by repeating`."""
MEANS = re.compile(
    r"\b(?:with|through|by way of|by running) an? (?:[\w-]+ ){0,3}"
    r"(?:campaign|pilot|trial|survey|review|audit|event|conference|competition)\b",
    re.I,
)
"""So may the thing be by which it is to be done: `drive it with a campaign`."""
NUMBER = r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty)"
PARTLY = re.compile(
    r"\bpart(?:ly|ially)\b|(?<!as )(?<!form )(?<!a )\bparts? of (?:it|the|its|their|this|these)\b"
    r"|\b(?:several|many|a third|a quarter|a few|only one) of (?:it|the|its|their|them)\b"
    r"|\bsome (?:of|aspects)\b|\b(?:nearly|almost|not) all\b|\bmost of\b|\bhalf of\b|\ball but\b"
    r"|\bexcept\b"
    rf"|\b(?!(?P<all>\w+) (?:out )?of (?:[a-z]+ )?(?P=all)\b)(?!(?:all|each|both) of\b)"
    rf"(?:\w+ of (?:the|its|their|our)(?: \w+ed)?|(?:{NUMBER}|one) (?:out )?of(?: the| all)?)"
    rf" {NUMBER}\b"
    r"|\bfrom a total of\b|\b(?:first|initial) (?:phase|stage|part)\b",
    re.I,
)
UNFINISHED = re.compile(
    r"\b(?:a|the|its|their|an) (?:first )?(?:draft|interim|outline)\b|\bdrafts? of\b"
    r"|\b(?:plans?|proposals?|options|preparations|consultation|tenders?|contracts?|specification"
    r"|prototypes?|business case|brief|timetable|terms of reference|working group|advertisements?"
    r"|interviews|bids?|requirements|funding) (?:for|on)\b",
    re.I,
)
"""What is done is less than the thing itself."""
NEGATIVE = re.compile(
    r"\b(?:no|not(?! only\b| just\b)|none|neither|never|nobody|nothing|nor|hardly|without|"
    r"rather than|instead of)\b",
    re.I,
)
"""Words that turn what a sentence says was done: `no office was opened`."""
DESCRIBES = re.compile(r"\b(?:which|that|who|whose|where|so)\b")
"""From here on a clause describes something, and says nothing of what is promised or done."""
NOTHING = re.compile(r"[\s,;]*(?:(?:and|but) )?(?:no|none|nothing|neither|nobody)\b", re.I)
"""How the subject of what will not be done begins."""
NOTHING_IS = re.compile(r"\b(?:no|nothing|none|neither)(?: [\w'-]+){0,4} $", re.I)
"""Before `is planned`: no more than that there is no plan."""
NOT_APPLICABLE = re.compile(
    r"\b(?:not|no longer) applicable\b|\b(?:does|do) not apply\b|\bno longer appl(?:y|ies)\b", re.I
)

JOINING = frozenset(
    "about across after also among around been being before between both during from have into "
    "like more most other over some such than that their them then there these they this those "
    "through under until upon very were what when where which while will with within without "
    "would".split()
)
"""Words that join others, and make no pair with them."""
