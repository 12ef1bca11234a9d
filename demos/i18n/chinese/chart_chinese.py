"""What charts say, in Chinese."""

from __future__ import annotations

from evals.report.chart_words import ChartWords

CHART_CHINESE = ChartWords(
    bundled="内置题目，并非基准本身",
    bundled_note="标有“内置”的成绩来自本项目自带的几道题，切勿与公开成绩比较。",
    bundled_mark="{title}（内置）",
    results="结果",
    settings="设置",
    scores="得分",
    points="分数",
    waits="等待时间",
    abilities_title="能力",
    parts="{task}：分项，{run}",
    states="状态标记，{run}",
    latency="耗时",
    score_axis="得分（语音为错误率）",
    seconds_axis="到最后一个词元的秒数",
    wait_axis="到开始回答的秒数",
    items_axis="题数",
    was="实际",
    taken_for="判为",
    median="{run}：中位数",
    high="{run}：95 百分位",
    series="{run}：{values}",
    missing="未测",
    abilities={
        "language": "语言", "speech": "语音识别", "image": "图像", "video": "视频",
        "voice": "语音助手", "interaction": "交互",
    },
    states_said={"audio_query": "语音提问", "noise": "噪声", "text_query": "文字提问", "no token": "无标记"},
    tools={
        "Download plot as a PNG": "将图表保存为 PNG",
        "Taking snapshot - this may take a few seconds": "正在保存，请稍候",
        "Snapshot succeeded": "已保存",
        "Sorry, there was a problem downloading your snapshot!": "图表未能保存",
        "Reset axes": "重置坐标轴",
        "Toggle Spike Lines": "显示辅助线",
        "Show closest data on hover": "指向时显示最近的数据",
        "Compare data on hover": "指向时比较数据",
    },
)  # fmt: skip
