"""Names, subjects and texts that demo data is made of."""

from __future__ import annotations

from typing import Final

FIRST_NAMES: Final = (
    "Ada", "Alan", "Aisha", "Ana", "Bruno", "Chen", "Chidi", "Clara", "Dmitri", "Elena", "Emil", "Farid", "Fatima",
    "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jun", "Kofi", "Lena", "Leo", "Linh", "Luca", "Maja", "Mateo", "Mei",
    "Miguel", "Nadia", "Noah", "Nora", "Olga", "Omar", "Priya", "Ravi", "Rosa", "Sam", "Sofia", "Tariq", "Tomas",
    "Yara", "Yuki", "Zoe",
)  # fmt: skip
LAST_NAMES: Final = (
    "Abe", "Almeida", "Bauer", "Brown", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Hansen",
    "Ibrahim", "Ivanova", "Jansen", "Kim", "Kowalski", "Kumar", "Lee", "Lopez", "Mensah", "Moreau", "Nguyen", "Novak",
    "Okafor", "Patel", "Rossi", "Santos", "Sato", "Schmidt", "Silva", "Singh", "Smith", "Tanaka", "Torres", "Wang",
    "Weber", "Yilmaz", "Zhang",
)  # fmt: skip
PLACES: Final = (
    ("Lisbon", "Europe/Lisbon", "pt"),
    ("Berlin", "Europe/Berlin", "de"),
    ("São Paulo", "America/Sao_Paulo", "pt-BR"),
    ("Lagos", "Africa/Lagos", "en"),
    ("Bengaluru", "Asia/Kolkata", "en-IN"),
    ("Tokyo", "Asia/Tokyo", "ja"),
    ("Toronto", "America/Toronto", "en-CA"),
    ("Warsaw", "Europe/Warsaw", "pl"),
    ("Hanoi", "Asia/Ho_Chi_Minh", "vi"),
    ("Madrid", "Europe/Madrid", "es"),
)
AGENTS: Final = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
    "CodeZest/3.2 (iPhone; iOS 18.1)",
)
SUBJECTS: Final = (
    ("variables", "Values and variables"),
    ("conditions", "Conditions"),
    ("loops", "Loops"),
    ("functions", "Functions"),
    ("collections", "Lists and dictionaries"),
    ("errors", "Errors and how to meet them"),
)
"""The modules of each language: the last part of the slug, and the title."""
MATERIALS: Final = (
    ("ARTICLE", "What it is for"),
    ("VIDEO", "Watch it being used"),
    ("CODE_EXAMPLE", "A complete example"),
    ("ARTICLE", "Where it goes wrong"),
    ("INTERACTIVE", "Try it yourself"),
)
ASSIGNMENTS: Final = ("Warm up", "Put it together")
ERRORS: Final = (
    "Time limit exceeded after 5000 ms",
    "SyntaxError: '(' was never closed",
    "NameError: name 'total' is not defined",
)
DECLINED: Final = ("card_declined", "insufficient_funds", "expired_card")
