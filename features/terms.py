"""What the terms of a catalogue are called in both languages: kinds, dimensions, tiers, when a value is known."""

from collections.abc import Mapping

from features.catalog import Clock, Dimension, Kind, Known, Tier
from features.words import Words

DIMENSIONS: Mapping[Dimension, Words] = {
    Dimension.CAPITAL_STRENGTH: Words("资本实力", "Capital strength"),
    Dimension.TECHNOLOGY: Words("技术水平", "Technology"),
    Dimension.MARKET: Words("市场前景", "Market"),
    Dimension.ENVIRONMENT: Words("环境合规", "Environment"),
    Dimension.LOCAL_FIT: Words("本地契合", "Fit with the place"),
    Dimension.DELIVERY: Words("推进程度", "Delivery"),
    Dimension.CONTEXT: Words("项目类别", "Kind of project"),
    Dimension.GATE: Words("红线（不进模型）", "Red lines (in no model)"),
    Dimension.AUDIT_ONLY: Words("仅供审计（不进模型）", "Audit only (in no model)"),
    Dimension.OUTCOME: Words("结果（不进模型）", "Outcome (in no model)"),
}
KINDS: Mapping[Kind, Words] = {
    Kind.NUMBER: Words("数", "number"),
    Kind.INTEGER: Words("整数", "whole number"),
    Kind.FLAG: Words("是/否", "yes or no"),
    Kind.ORDINAL: Words("等级", "level"),
    Kind.CATEGORY: Words("类别", "category"),
    Kind.DATE: Words("日期", "date"),
    Kind.TEXT: Words("文字", "text"),
    Kind.KEY: Words("名称或编号", "name or number"),
}
TIERS: Mapping[Tier, Words] = {
    Tier.KEY: Words("必填", "required in every row"),
    Tier.CORE: Words("须有此列", "column required"),
    Tier.COMMON: Words("建议填写", "recommended"),
    Tier.OPTIONAL: Words("选填", "optional"),
}
KNOWN: Mapping[Known, Words] = {
    Known.REVIEW: Words("评审时", "at review"),
    Known.LATER: Words("事后", "later"),
}
CLOCKS: Mapping[Clock, Words] = {
    Clock.LANDED: Words("落地", "landed"),
    Clock.PRODUCED: Words("投产", "produced"),
    Clock.WITHDRAWN: Words("退出", "withdrawn"),
    Clock.FINISHED: Words("开工至投产", "start to production"),
}
