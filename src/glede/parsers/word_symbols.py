"""Characters of the symbol fonts that Word documents use, as the characters that they show."""

from __future__ import annotations

_SYMBOL_FROM_A = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
_SYMBOL_FROM_SMALL_A = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"
_SYMBOL_SIGNS = {
    0x22: "∀", 0x24: "∃", 0x27: "∋", 0x2A: "∗", 0x2D: "−", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥", 0x7E: "∼",
    0xA2: "′", 0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°",
    0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB5: "∝", 0xB6: "∂", 0xB7: "•", 0xB8: "÷", 0xB9: "≠",
    0xBA: "≡", 0xBB: "≈", 0xBC: "…", 0xC4: "⊗", 0xC5: "⊕", 0xC6: "∅", 0xC7: "∩", 0xC8: "∪", 0xC9: "⊃",
    0xCA: "⊇", 0xCC: "⊂", 0xCD: "⊆", 0xCE: "∈", 0xCF: "∉", 0xD0: "∠", 0xD1: "∇", 0xD2: "®", 0xD3: "©",
    0xD4: "™", 0xD5: "∏", 0xD6: "√", 0xD7: "⋅", 0xD8: "¬", 0xD9: "∧", 0xDA: "∨", 0xDB: "⇔", 0xDC: "⇐",
    0xDE: "⇒", 0xE5: "∑", 0xF2: "∫",
}  # fmt: skip
_WINGDINGS = {
    0x4A: "☺", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x76: "❖", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢",
    0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "→", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒",
    0xFE: "☑",
}  # fmt: skip
_WINGDINGS_2 = {0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0xA3: "☐"}
_PRIVATE = range(0xF020, 0xF100)


def symbol_text(code: int, font: str) -> str:
    """What a character of a font shows; the replacement character where it is not known."""
    place = code & 0xFF if code in _PRIVATE else code
    name = font.casefold()
    if name == "wingdings":
        return _WINGDINGS.get(place, "\ufffd")
    if name == "wingdings 2":
        return _WINGDINGS_2.get(place, "\ufffd")
    if name == "symbol" or code in _PRIVATE:
        return _symbol(place)
    return chr(code) if 32 <= code < 0xD800 or 0xE000 <= code < 0x110000 else "\ufffd"


def shown_text(text: str, font: str) -> str:
    """Text with its characters of the private area as what they show."""
    if not any(ord(character) in _PRIVATE for character in text):
        return text
    return "".join(
        symbol_text(ord(character), font) if ord(character) in _PRIVATE else character for character in text
    )


def _symbol(place: int) -> str:
    if 0x41 <= place <= 0x5A:
        return _SYMBOL_FROM_A[place - 0x41]
    if 0x61 <= place <= 0x7A:
        return _SYMBOL_FROM_SMALL_A[place - 0x61]
    return _SYMBOL_SIGNS.get(place) or (chr(place) if 0x20 <= place < 0x7F else "\ufffd")
