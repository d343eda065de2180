"""What can be wrong with a pack, said with file, line and a stable reason code."""

from __future__ import annotations

from dataclasses import dataclass

# The codes are a public contract (API, tests, officials' notes): add, never rename.
MESSAGES: dict[str, tuple[str, str]] = {
    "yaml_syntax": ("not readable as YAML: {detail}", "不是有效的 YAML：{detail}"),
    "not_a_mapping": (
        "a pack must be a list of named blocks",
        "规则包必须由带名称的区块组成",
    ),
    "duplicate_key": (
        "“{key}” is written twice in the same block",
        "同一区块中“{key}”出现了两次",
    ),
    "unknown_key": ("unknown key “{key}”", "未知的键“{key}”"),
    "missing_key": ("“{key}” is missing", "缺少“{key}”"),
    "bad_value": ("“{value}” is not allowed here: {detail}", "此处不允许“{value}”：{detail}"),
    "wrong_unit": (
        "“{value}” has the wrong unit; write for example “{example}”",
        "“{value}”的单位不对；请写成例如“{example}”",
    ),
    "no_value": ("“{key}” is empty", "“{key}”没有值"),
    "bad_area": (
        "“{value}” is not a place number: 2, 4, 6, 9, 12, 15 or 18 digits",
        "“{value}”不是地区编号：应为 2、4、6、9、12、15 或 18 位数字",
    ),
    "bad_date": (
        "“{value}” is not a date; write YEAR-MONTH-DAY",
        "“{value}”不是日期；请按“年-月-日”书写",
    ),
    "missing_source": (
        "the value has no source, and no enclosing block gives one",
        "该值没有来源，其所在区块也没有给出来源",
    ),
    "bad_source": (
        "source “{value}” is not of the form “TAG IDS @ document § clause”",
        "来源“{value}”的写法不对，应为“标签 编号 @ 文件 § 条款”",
    ),
    "unknown_source": (
        "source id “{key}” is not in _sources.yaml or the pack's own sources",
        "来源编号“{key}”不在 _sources.yaml 或本包的 sources 中",
    ),
    "unknown_document": (
        "document “{key}” is not in _sources.yaml or the pack's own documents",
        "文件“{key}”不在 _sources.yaml 或本包的 documents 中",
    ),
    "unsourced_restriction": (
        "“{path}” restricts people but is unsourced [U]; it needs a sign_off",
        "“{path}”会限制人员，但没有来源[U];必须有 sign_off 签批",
    ),
    "idle_sign_off": (
        "sign_off for “{path}”, which is not an unsourced value of this pack",
        "sign_off 所指的“{path}”不是本包中无来源的值",
    ),
    "unknown_pack": ("there is no pack “{key}”", "没有名为“{key}”的规则包"),
    "duplicate_pack": (
        "pack “{key}” exists already in {other}",
        "规则包“{key}”已在 {other} 中存在",
    ),
    "circular_amends": (
        "“{key}” amends itself through {chain}",
        "“{key}”通过 {chain} 修订了自身",
    ),
    "other_disease": (
        "amends a pack for “{other}”, but is for “{key}”",
        "所修订的包针对“{other}”，而本包针对“{key}”",
    ),
    "wider_than_amended": (
        "is meant for places outside the pack it amends",
        "适用范围超出了它所修订的规则包",
    ),
    "before_amended": (
        "takes effect before the pack it amends",
        "生效日期早于它所修订的规则包",
    ),
    "unknown_path": (
        "cannot set “{path}”: the amended pack has no such value (use add for a new one)",
        "无法修改“{path}”：所修订的包中没有该值（新增请用 add）",
    ),
    "unknown_parent": (
        "cannot add “{path}”: the amended pack has no block that it would belong to",
        "无法新增“{path}”：所修订的包中没有它所属的区块",
    ),
    "already_there": (
        "cannot add “{path}”: the amended pack has it already (use set)",
        "无法新增“{path}”：所修订的包中已有该值（修改请用 set）",
    ),
    "nothing_to_remove": (
        "cannot remove “{path}”: the amended pack has no such value",
        "无法删除“{path}”：所修订的包中没有该值",
    ),
    "unknown_prohibition": (
        "“{key}” is not in _prohibitions.yaml",
        "“{key}”不在 _prohibitions.yaml 中",
    ),
    "overlapping_ranges": (
        "in force at the same time and place as “{other}” (from {day})",
        "与“{other}”在同一时间、同一地区同时有效（自 {day} 起）",
    ),
    "ends_before_it_begins": (
        "ends on {end}, before it begins on {start}",
        "结束日期 {end} 早于开始日期 {start}",
    ),
    "test_beyond_phase": (
        "test on day {day}, but the phase has {days} days",
        "第 {day} 天有检测，但该阶段只有 {days} 天",
    ),
    "days_not_ascending": (
        "days must ascend and not repeat: {value}",
        "天数必须递增且不重复：{value}",
    ),
    "phases_beyond_maximum": (
        "the phases last {total} days, more than max_days ({days})",
        "各阶段共 {total} 天，超过 max_days({days} 天)",
    ),
    "unknown_category": (
        "category “{key}” is not in this pack",
        "本包中没有类别“{key}”",
    ),
    "unknown_level": (
        "area level “{key}” is not in this pack",
        "本包中没有区域级别“{key}”",
    ),
    "discriminates": (
        "“{path}” speaks of who somebody is ({key}); only what they were exposed to may decide",
        "“{path}”涉及人员身份（{key}）；只能依据暴露情况作出决定",
    ),
    "phase_length_twice": (
        "a phase is given either by days or by starts and ends, not both",
        "阶段只能用 days 或 starts/ends 之一来规定",
    ),
}


@dataclass(frozen=True)
class Problem:
    """One mistake in one file, with everything needed to mend it."""

    file: str
    line: int
    code: str
    message: str
    message_zh: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code}: {self.message}"

    def as_json(self) -> dict[str, object]:
        return {
            "file": self.file,
            "line": self.line,
            "code": self.code,
            "path": self.path,
            "message": self.message,
            "message_zh": self.message_zh,
        }


def problem(file: str, line: int, code: str, path: str = "", **params: object) -> Problem:
    """A problem whose two messages come from `MESSAGES`.

    Raises: KeyError if the code is not declared, so that no code goes untranslated.
    """
    english, chinese = MESSAGES[code]
    params.setdefault("path", path)
    return Problem(
        file=file,
        line=line,
        code=code,
        message=english.format(**params),
        message_zh=chinese.format(**params),
        path=path,
    )


class PackError(Exception):
    """A pack failed validation; `problems` lists every mistake, in line order."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (each.file, each.line, each.code)))
        super().__init__("\n".join(str(each) for each in self.problems))
