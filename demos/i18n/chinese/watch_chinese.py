"""What the card "Watch for" of the tab Talk says, in Chinese."""

from __future__ import annotations

WATCH_CHINESE: dict[str, str] = {
    "watch": "留意画面",
    "watch.what": "要留意什么",
    "watch.such": "a dog",
    "watch.start": "开始留意",
    "watch.each": "每次出现都提醒",
    "watch.info": "VITA 每秒看一次摄像头画面，看到后会主动告诉你。也可以直接说：“Tell me when you see a dog.”",
    "watch.for": "正在留意：{what}",
    "watch.each.for": "正在持续留意：{what}",
    "watch.looks": "{time} · 已看 {looked} 张",
    "watch.skipped": " · 跳过 {skipped} 张",
    "watch.said": "刚才看到：{said}",
    "watch.frame": "最近看的一张画面",
    "watch.stop": "停止",
    "watch.camera": "打开摄像头",
    "watch.dark": "摄像头已关闭，看不到画面。",
    "watch.already": "它已经在画面里了。等它离开后再出现时，VITA 会告诉你。",
    "watch.seen": "看到了：{name}",
    "watch.ended.seen": "看到了：{what}。留意结束。",
    "watch.ended.time": "时间到了，没有看到。",
    "watch.ended.over": "时间到了，留意结束。",
    "watch.ended.failed": "模型无法继续看画面。请重新开始留意。",
    "watch.refused.watch_people": "这个模型还认不出人。它可以留意动物和日常物品，例如 a dog、a cup、a car。",
    "watch.refused.watch_unnamed": "这个模型不认识它。它可以留意动物和日常物品，例如 a dog、a cup、a car。",
    "watch.refused.watch_language": "这个模型只懂英语：请用英语写要留意什么，例如 a dog。",
    "watch.refused.watch_empty": "请写出要留意什么，例如 a dog。",
    "watch.refused.watch_long": "要留意的内容最多 200 个字符。",
    "sign.seen": "看到",
}
