"""The words offices use for coded values, and the code each stands for.

Codes follow FHIR and the glossary. A word that is not here is never guessed: it becomes a value map
that the user fills in, shown with its count.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_SEX: Final = {
    "male": "男 男性 m male man boy 1 先生 nan",
    "female": "女 女性 f female woman girl 2 女士 nv",
    "other": "其他 other o 其它",
}
_FLAG: Final = {
    "yes": "1 是 yes y true t 有 √ ✓ 已 对 阳性",
    "no": "0 否 no n false f 无 × 未 非 不是 没有 阴性 否认 2",
}
#: Diagnosis and Treatment Protocol for COVID-19, 8th and 9th editions: 轻型 普通型 重型 危重型.
_SEVERITY: Final = {
    "asymptomatic": "无症状 无症状感染者 无症状感染 无症状型 asymptomatic",
    "mild": "轻型 轻症 轻 轻度 mild minor light",
    "moderate": "普通型 普通 中型 一般 中症 moderate normal common ordinary 中度",
    "severe": "重型 重症 重 重度 severe serious",
    "critical": "危重型 危重 危重症 极重 病危 critical criticallyill",
}
_CLASSIFICATION: Final = {
    "confirmed": "确诊 确诊病例 实验室确诊 实验室确诊病例 confirmed confirmedcase laboratoryconfirmed labconfirmed",
    "probable": "临床诊断 临床诊断病例 probable probablecase clinical epilinked 流行病学关联",
    "suspected": "疑似 疑似病例 suspect suspected suspectedcase 可疑",
    "asymptomatic_infection": "无症状 无症状感染者 无症状感染 asymptomatic asymptomaticinfection 阳性检测 病原携带者",
    "excluded": "排除 排除病例 notacase noncase discarded excluded 非病例",
}
_HOW_FOUND: Final = {
    "screening": (
        "筛查 核酸筛查 全员筛查 区域筛查 社区筛查 "
        "重点人群筛查 主动筛查 愿检尽检 screening massscreening routinescreening"
    ),
    "under_order": (
        "隔离 集中隔离 隔离点 隔离管控 隔离发现 管控 "
        "居家隔离 封控 密接隔离 quarantine isolation underorder inquarantine"
    ),
    "fever_clinic": "发热门诊 发热 feverclinic",
    "seeking_care": "就诊 主动就诊 医院就诊 门诊 住院 自行就医 seekingcare hospital clinic care",
    "contact": "密接 密切接触者 密接排查 次密接 接触者 流调 contact contacttracing",
    "other": "其他 其它 other",
}
_QUARANTINE: Final = {
    "centralised": "集中 集中隔离 集中隔离点 隔离点 centralised centralized facility central hotel",
    "home": "居家 居家隔离 居家健康监测 家 home homequarantine",
    "hospital": "医院 医院隔离 住院 定点医院 方舱 hospital",
}
_OUTCOME: Final = {
    "recovered": "治愈 痊愈 出院 治愈出院 康复 recovered cured discharged recovery",
    "died": "死亡 病亡 去世 死 died dead death deceased fatal",
    "in_care": "在院 住院 治疗中 在治 隔离治疗 incare hospitalised hospitalized active",
    "transferred": "转院 转出 transferred",
}
_DISEASE: Final = {
    "covid-19": (
        "新冠 新冠肺炎 新型冠状病毒肺炎 新型冠状病毒感染 新型冠状病毒感染的肺炎 "
        "covid covid19 covid-19 2019ncov sarscov2"
    ),
    "measles": "麻疹 measles rubeola",
    "ebola": "埃博拉 埃博拉出血热 ebola evd",
    "mpox": "猴痘 mpox monkeypox",
    "influenza": "流感 流行性感冒 influenza flu",
    "cholera": "霍乱 cholera",
}
VOCABULARIES: Final[dict[str, dict[str, str]]] = {
    name: {word: code for code, words in vocabulary.items() for word in words.split()}
    for name, vocabulary in {
        "sex": _SEX,
        "flag": _FLAG,
        "severity": _SEVERITY,
        "classification": _CLASSIFICATION,
        "how_found": _HOW_FOUND,
        "quarantine_type": _QUARANTINE,
        "outcome": _OUTCOME,
        "disease": _DISEASE,
    }.items()
}

#: Words and marks for "not known", in any column.
MISSING_WORDS: Final = frozenset(
    [
        "na",
        "n/a",
        "n.a.",
        "#n/a",
        "#na",
        "nan",
        "null",
        "none",
        "nil",
        "nd",
        "missing",
        "unknown",
        "unk",
        "unclear",
        "notknown",
        "notavailable",
        "notapplicable",
        "undefined",
        "不详",
        "不明",
        "未知",
        "无",
        "暂无",
        "没有",
        "空",
        "缺",
        "缺失",
        "不清楚",
        "不清",
        "未详",
        "待查",
        "待定",
        "待核实",
        "未提及",
        "未说明",
        "未公布",
        "不知道",
        "不适用",
        "unclassified",
        "unspecified",
        "undetermined",
        "tbd",
        "pending",
    ]
)
MISSING_MARKS: Final = frozenset(
    [
        "-",
        "--",
        "---",
        "—",
        "——",
        "/",
        "//",
        "\\",
        "?",
        "??",
        "???",
        ".",
        "..",
        "...",
        "……",
        "…",
        "*",
        "**",
        "***",
        "~",
        "_",
        "#",
        "、",
        ",",
        "x",
        "xx",
        "xxx",
        "xxxx",
        "××",
        "×××",
        "某",
        "某某",
        "某某某",
    ]
)

_DROPPED: Final = str.maketrans("", "", " \t\r\n\u200b\u200c\u200d\ufeff_()（）[]【】{}<>《》\"'“”‘’:：;；,，。、")

#: Traditional forms that occur in headers and coded words, so that lists from Hong Kong, Macao and Taiwan are read.
_TRADITIONAL: Final = str.maketrans(
    "別齡編號發確診報現縣區鄉鎮電話備註狀無輕長歲個職業類隔離為陽檢測樣採時間點場結開車詳細門關係傳轉歸痊療癥證護國際病歷內容來臨床嚴"
    "重說對沒兩後過與處態數據庫單機構醫診鑑",
    "别龄编号发确诊报现县区乡镇电话备注状无轻长岁个职业类隔离为阳检测样采时间点场结开车详细门关系传转归痊疗症证护国际病历内容来临床严"
    "重说对没两后过与处态数据库单机构医诊鉴",
)


def folded(text: str) -> str:
    """The form in which words and headers are compared: without width, case, spaces, brackets, quotes, old forms."""
    return unicodedata.normalize("NFKC", text).translate(_DROPPED).translate(_TRADITIONAL).casefold()


def coded_values(vocabulary: str) -> frozenset[str]:
    """The codes a value map may map to."""
    return frozenset(VOCABULARIES[vocabulary].values())


def word_means_missing(text: str) -> str | None:
    """The reason ("word", "mark", "overflow_marks") where a whole cell says "not known"."""
    normal = unicodedata.normalize("NFKC", text).strip().translate(_TRADITIONAL).casefold()
    if normal in MISSING_WORDS or normal.replace(" ", "") in MISSING_WORDS:
        return "word"
    if normal in MISSING_MARKS:
        return "mark"
    if len(normal) >= 2 and not normal.strip("#"):
        return "overflow_marks"
    return None
