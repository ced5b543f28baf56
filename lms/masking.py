"""How a person is shown to those who need not know who it is."""

import re
import unicodedata

MIDDLE_DOTS = re.compile(r"[·••‧∙⋅・･᛫.]")
_TWO_CHARACTERS = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔
申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正
宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门 第五
"""
COMPOUND_SURNAMES = frozenset(_TWO_CHARACTERS.split())
LONGEST_MASK = 3


def masked(name: str) -> str:
    """张明远 → 张**, 欧阳娜娜 → 欧阳**, 阿卜杜·买买提 → 阿**·买**, John Smith → J*** S***.

    A letter or two per part: enough for one who knows the holder, too little for one who does not.
    """
    whole = "".join(name.split())
    if whole and _is_han(whole):
        kept = 2 if whole[:2] in COMPOUND_SURNAMES and len(whole) > 2 else 1
        return _cut(whole, kept if len(whole) > 1 else 0)
    dotted = MIDDLE_DOTS.search(name) and not name.isascii()
    parts = MIDDLE_DOTS.sub(" ", name).split() if dotted else name.split()
    masks = (_cut(part, 1) if _is_han(part) else part[:1] + "*" * LONGEST_MASK for part in parts)
    return ("·" if dotted else " ").join(masks)


def masked_mobile(mobile: str | None) -> str:
    """138****8000"""
    return f"{mobile[:3]}****{mobile[-4:]}" if mobile else ""


def masked_code(code: str) -> str:
    """91510600****16: where it is registered can be read, whose it is cannot."""
    return f"{code[:8]}****{code[-2:]}" if len(code) == 18 else code


def _cut(part: str, kept: int) -> str:
    return part[:kept] + "*" * max(1, min(LONGEST_MASK, len(part) - kept))


def is_ideograph(character: str) -> bool:
    """Also those of blocks that this Python has not heard of: planes 2 and 3 of Unicode hold nothing else."""
    return character == "〇" or 0x20000 <= ord(character) < 0x3FFFE or unicodedata.name(character, "").startswith("CJK")


def _is_han(text: str) -> bool:
    return all(map(is_ideograph, text))
