"""Every word that the page says, in English and Chinese. Labels go through gr.I18n; sentences through ``say``."""

from __future__ import annotations

from typing import Literal

from demos.i18n.evaluation_words import EVALUATION
from demos.i18n.gradio_words import LABELS

Language = Literal["en", "zh"]

WORDS: dict[str, tuple[str, str]] = {
    "tagline": (
        "# *VITA* Playground\nShow it a picture, a clip or a sound; ask in writing or by voice.",
        "# *VITA* Playground\n给它看图片、视频或听声音，打字或说话提问。",
    ),
    "tab.image": ("Image", "图像"),
    "tab.video": ("Video", "视频"),
    "tab.audio": ("Audio", "音频"),
    "tab.talk": ("Talk", "对讲"),
    "talk.sorry": ("The scripts of this tab did not load; reload the page.", "本标签页的脚本未能加载，请刷新页面。"),
    "image.empty": (
        "### Ask about a picture\nDrop, paste or choose one or more images, then type your question or record it.",
        "### 就图片提问\n拖入、粘贴或选择一张或多张图片，然后打字或录音提问。",
    ),
    "video.empty": (
        "### Ask about a clip\nDrop or choose a video, then type your question or record it.",
        "### 就视频提问\n拖入或选择一段视频，然后打字或录音提问。",
    ),
    "audio.empty": (
        "### Ask by voice\nPress the microphone, or drop a recording. VITA decides whether it was asked anything.",
        "### 用语音提问\n按下麦克风录音，或拖入一段录音。VITA 会判断是否在向它提问。",
    ),
    "chat": ("Conversation", "对话"),
    "ask.label": ("Your question", "你的问题"),
    "ask.hint": ("Ask, or add files…", "输入问题，或添加文件…"),
    "examples": ("Try one", "试一试"),
    "settings": ("Settings", "设置"),
    "camera": ("Camera", "摄像头"),
    "camera.photo": ("Take a photo, then add it to the question", "拍一张照片，再加入问题"),
    "camera.clip": ("Record a clip, then add it to the question", "录一段视频，再加入问题"),
    "camera.add": ("Add to the question", "加入问题"),
    "camera.first": ("Take or record something first, then add it.", "请先拍摄或录制，再加入。"),
    "temperature": ("Temperature", "温度"),
    "temperature.info": ("0 always takes the likeliest word", "0 表示总取最可能的词"),
    "top_p": ("Top-p", "Top-p"),
    "max_tokens": ("Longest answer", "最长回答"),
    "max_tokens.info": ("tokens", "词元数"),
    "seed": ("Seed", "随机种子"),
    "seed.info": ("-1: a new one each time", "-1 表示每次不同"),
    "frames": ("Video frames", "视频帧数"),
    "frames.info": ("at most so many are shown to the model", "最多给模型看这么多帧"),
    "tiles": ("Image tiles", "图像切块"),
    "tiles.info": (
        "more tiles, finer detail, longer prompt; VITA-Nano sees the centre square alone",
        "切块越多细节越多，提示也越长；VITA-Nano 只看中央方形",
    ),
    "system": ("System prompt", "系统提示词"),
    "system.info": ("empty: the model's own", "留空则用模型自带的"),
    "example.cat": ("What animal is this?", "这是什么动物？"),
    "example.coffee": ("What is on the table?", "桌上有什么？"),
    "example.two": ("What do these two pictures show?", "这两张图片里有什么？"),
    "example.spoken_picture": ("A spoken question about a photo", "用语音就照片提问"),
    "example.clip": ("What does this video show?", "这段视频里有什么？"),
    "example.light": ("What happens in this video?", "这段视频里发生了什么？"),
    "example.spoken_clip": ("A spoken question about a clip", "用语音就视频提问"),
    "example.capital": ("“What is the capital of France?”", "“法国的首都是哪里？”（英语）"),
    "example.sky": ("“Why is the sky blue?”", "“天空为什么是蓝色的？”（英语）"),
    "example.knocking": ("Knocking at a door: no question", "敲门声：并非提问"),
    "state.voice": ("query by voice", "语音提问"),
    "state.noise": ("not addressed to me", "不是对我说的"),
    "state.text": ("query by text", "文字提问"),
    "state.none": ("no state token", "没有状态标记"),
    "noise": (
        "I heard something, but no question to me, so I do not answer. Ask again, closer to the microphone.",
        "我听到了声音，但不是在向我提问，所以不作回答。请靠近麦克风再问一次。",
    ),
    "phase.loading": (
        "The engines are still loading ({percent} %). Your question waits and is answered as soon as one is ready.",
        "引擎仍在加载（{percent}%）。你的问题已排队，就绪后立即回答。",
    ),
    "phase.reading": ("Reading the question … {seconds} s", "正在读题…… {seconds} 秒"),
    "phase.stopped": ("stopped", "已停止"),
    "phase.cut": ("reached the longest answer", "已达最长回答"),
    "fact.first": ("{value} s to first token", "首词元 {value} 秒"),
    "fact.rate": ("{value} tokens/s", "{value} 词元/秒"),
    "fact.answer": ("{value} tokens", "{value} 词元"),
    "fact.prompt": ("prompt {value} tokens ({parts})", "提示 {value} 词元（{parts}）"),
    "list": (", ", "、"),
    "modality.text": ("text {value}", "文字 {value}"),
    "modality.image": ("image {value}", "图像 {value}"),
    "modality.video": ("video {value}", "视频 {value}"),
    "modality.audio": ("sound {value}", "声音 {value}"),
    "modality.cached": ("{value} from cache", "其中缓存 {value}"),
    "saw": ("What the model got", "模型得到的输入"),
    "saw.tiles": ("{name}: {size} px, {tiles} tiles", "{name}：{size} 像素，{tiles} 块"),
    "saw.whole": ("{name}: {size} px, seen whole", "{name}：{size} 像素，整图"),
    "saw.centre": ("{name}: {size} px, the centre square", "{name}：{size} 像素，取中央方形"),
    "saw.frames": ("{name}: {frames} frames of {seconds} s", "{name}：{seconds} 秒中的 {frames} 帧"),
    "saw.sound": ("{name}: {seconds} s", "{name}：{seconds} 秒"),
    "saw.tokens": ("{value} tokens", "{value} 词元"),
    "engine.waiting": ("waiting", "等待"),
    "engine.loading": ("loading", "加载中"),
    "engine.ready": ("ready", "就绪"),
    "engine.failed": ("failed", "失败"),
    "engine.closed": ("closed", "已关闭"),
    "error.title": ("That did not work", "无法处理"),
    "error.engine": ("The engine failed ({reason}); ask again in a moment.", "引擎出错（{reason}）；请稍后重试。"),
    "error.inside": (
        "Something went wrong on our side; the server's log says more.",
        "服务端出错，详情见服务器日志。",
    ),
    "error.back": ("{told} Your question is back in the box.", "{told}问题已放回输入框。"),
    "stop.hint": ("Enter sends, Shift+Enter breaks the line, Esc stops.", "回车发送，Shift+回车换行，Esc 停止。"),
}
WORDS |= EVALUATION | LABELS


def table(language: Language) -> dict[str, str]:
    """All the words in one language, as gr.I18n wants them."""
    return {key: pair[language == "zh"] for key, pair in WORDS.items()}


def say(key: str, language: Language, **values: object) -> str:
    """One sentence with its values filled in."""
    return WORDS[key][language == "zh"].format(**values)


def language_of(accepted: str | None) -> Language:
    """The page's language for an Accept-Language header; English where Chinese is not the first choice."""
    first = (accepted or "").split(",")[0].strip().lower()
    return "zh" if first.startswith("zh") else "en"
