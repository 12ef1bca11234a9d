"""Errors and the engines' notes, in Chinese, by the English template; English needs no table."""

from __future__ import annotations

ERRORS_CHINESE: dict[str, str] = {
    # any file
    "This file is neither an image, a video nor a sound that can be read; choose a file such as .jpg, .mp4 or .wav.":
        "这个文件不是可读取的图片、视频或音频；请选择 .jpg、.mp4 或 .wav 等文件。",
    "The {kind} takes too much memory to decode; make it smaller and send it again.":
        "解码这个{kind}需要过多内存；请缩小后再发送。",
    "The {kind} takes too long to decode; make it shorter or smaller and send it again.":
        "解码这个{kind}耗时过长；请缩短或缩小后再发送。",
    "{name} has no sound; send the video again.": "{name} 没有声音；请重新发送视频。",
    "The server is still reading other files; send it again in a minute.": "服务器仍在读取其他文件；请一分钟后再发送。",
    "The decoders could not be started; run python -m vita doctor.": "无法启动解码程序；请运行 python -m vita doctor。",
    "The {kind} is not there any more; choose the file again.": "{kind}已不存在，请重新选择文件。",
    "A folder or a device is no {kind}; choose the file again.": "文件夹或设备不是{kind}，请重新选择文件。",
    "The {kind} file is empty (0 bytes); choose another file.": "{kind}文件是空的（0 字节），请选择其他文件。",
    "The {kind} file has {size:,.1f} MiB and at most {most:,.0f} MiB are allowed; make it smaller and send it again.":
        "{kind}文件有 {size:,.1f} MiB，最多允许 {most:,.0f} MiB；请缩小后再发送。",
    "The {kind} is {length} long and at most {most} are allowed; cut out the part that matters and send that.":
        "{kind}长 {length}，最多允许 {most}；请截取需要的部分再发送。",
    "The {kind} is too long and at most {most} are allowed; cut out the part that matters and send that.":
        "{kind}太长，最多允许 {most}；请截取需要的部分再发送。",
    "The {kind} is damaged or cut off; save or record it again and send that.":
        "{kind}已损坏或不完整；请重新保存或录制后再发送。",
    # conversations
    "{name} of an earlier question is not there any more; begin a new conversation and send the file again.":
        "先前问题中的 {name} 已不存在；请开始新的对话并重新发送该文件。",
    "The conversation is too long to be opened again ({size:.0f} MB and at most {most:.0f}); begin a new one.":
        "对话太长，无法再次打开（{size:.0f} MB，最多 {most:.0f} MB）；请开始新的对话。",
    "This conversation cannot be read; choose a file that was saved here, or begin a new conversation.":
        "无法读取这段对话；请选择由本页面保存的文件，或开始新的对话。",
    "The files of this conversation did not arrive; open it once more.": "这段对话的文件未能送达；请再打开一次。",
    # images
    "This file is not an image that can be read; send a PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC file.":
        "这个文件不是可读取的图片；请发送 PNG、JPEG、WebP、GIF、BMP、TIFF、AVIF 或 HEIC 文件。",
    "SVG drawings are not read; export it as a PNG file and send that.": "不支持 SVG 图形；请导出为 PNG 文件再发送。",
    "JPEG XL images are not read; save it as a JPEG or PNG file and send that.":
        "不支持 JPEG XL 图片；请保存为 JPEG 或 PNG 文件再发送。",
    "The image is damaged or cut off; save or download it again and send that.":
        "图片已损坏或不完整；请重新保存或下载后再发送。",
    "The image ({width:,} x {height:,}) has more than {millions:g} million pixels; make it smaller and send it again.":
        "图片（{width:,} × {height:,}）超过 {millions:g} 百万像素；请缩小后再发送。",
    "The image has more than {millions:g} million pixels; make it smaller and send it again.":
        "图片超过 {millions:g} 百万像素；请缩小后再发送。",
    "An array of {dtype} with shape {shape} is no image; "
    "send uint8 of shape [height, width, 3] with at least one pixel.":
        "形状为 {shape} 的 {dtype} 数组不是图片；请发送形状为 [高, 宽, 3] 且至少有一个像素的 uint8 数组。",
    # videos
    "This file is not a video that can be read, or only a part of one; send a whole MP4, MOV, WebM, MKV or AVI file.":
        "这个文件不是可读取的视频，或只是其中一部分；请发送完整的 MP4、MOV、WebM、MKV 或 AVI 文件。",
    "This file has sound but no picture; send it as a sound instead.": "这个文件有声音但没有画面；请作为音频发送。",
    "The video's pictures ({width:,} x {height:,}) have more than {millions:g} million pixels; "
    "make it smaller and send it again.":
        "视频画面（{width:,} × {height:,}）超过 {millions:g} 百万像素；请缩小后再发送。",
    "{frames} frames cannot be taken; choose from {least} to {most}.":
        "不能取 {frames} 帧；请选择 {least} 到 {most} 帧。",
    # sounds
    "This file is not a sound that can be read, or only a part of one; "
    "send a whole WAV, MP3, FLAC, OGG, M4A or WebM file.":
        "这个文件不是可读取的音频，或只是其中一部分；请发送完整的 WAV、MP3、FLAC、OGG、M4A 或 WebM 文件。",
    "This video has no sound; send a file that has, or record the question.":
        "这段视频没有声音；请发送有声音的文件，或录下问题。",
    "A sound of {rate} samples a second cannot be used; send one of 8,000 to 48,000.":
        "每秒 {rate} 个采样的音频无法使用；请发送 8,000 到 48,000 的音频。",
    "The recording is empty (no samples); check the microphone and record it again.":
        "录音是空的（没有采样）；请检查麦克风后重新录制。",
    "The recording is only {length} long; record a whole question.": "录音只有 {length}；请录下完整的问题。",
    "An array of {dtype} with shape {shape} is no sound; send samples [n].":
        "形状为 {shape} 的 {dtype} 数组不是音频；请发送采样 [n]。",
    "The sound has {channels} channels; send one with at most {most}.":
        "音频有 {channels} 个声道；最多允许 {most} 个。",
    # the question and the conversation
    "There is no question yet: type one or record one, then send it.": "还没有问题：请打字或录音提问，然后发送。",
    "The conversation has {count} {kind} and at most {most} are allowed; clear the chat or send fewer {kind}.":
        "对话中有 {count} 个{kind}，最多允许 {most} 个；请清空对话，或少发一些{kind}。",
    "The conversation is {excess} tokens too long ({tokens} of at most {limit}); "
    "clear the chat, remove some media or shorten the question.":
        "对话超长 {excess} 个词元（{tokens}，最多 {limit}）；请清空对话、移除一些媒体或缩短问题。",
    "{name} must be from {least} to {most}, not {value}.": "{name} 必须在 {least} 到 {most} 之间，不能是 {value}。",
    "An answer is still being written: stop it first, or wait until it is complete.":
        "上一个回答仍在生成：请先停止，或等它完成。",
    # the engines
    "{name} is not ready. {note}": "{name} 尚未就绪。{note}",
    "{name} stopped while it worked; it is being restarted.": "{name} 在工作时停止了，正在重新启动。",
    "The engine cannot take this question: {reason}": "引擎无法处理这个问题：{reason}",
    "{name} could not answer: {reason}": "{name} 无法回答：{reason}",
    "{name} does not serve {model}.": "{name} 不提供 {model}。",
    "{name} serves no model.": "{name} 不提供任何模型。",
    "{name} is not connected. {note}": "{name} 尚未连接。{note}",
    "{name} cannot be reached; check that the server runs.": "无法连接 {name}；请检查服务器是否在运行。",
    "{name} is busy or starting: {reason}": "{name} 正忙或正在启动：{reason}",
    "The server refused the request: {reason}": "服务器拒绝了请求：{reason}",
    "The engines are still loading. {note}": "引擎仍在加载。{note}",
    "No engine is running. {note}": "没有引擎在运行。{note}",
    "{name} did not respond for {seconds} seconds.": "{name} 已有 {seconds} 秒没有响应。",
    "No engine could be loaded. {note}": "没有引擎能加载。{note}",
}  # fmt: skip
KINDS_CHINESE: dict[str, str] = {  # values of {kind}
    "file": "文件",
    "chosen": "所选",
    "image": "图片",
    "video": "视频",
    "sound": "音频",
    "images": "图片",
    "videos": "视频",
    "sounds": "音频",
}
UNITS_CHINESE: dict[str, str] = {"h": "小时", "min": "分钟", "s": "秒"}
NOTES_CHINESE: dict[str, str] = {  # an engine's status, from vita/engine/local_engine.py
    "Closed": "已关闭",
    "Its process stopped": "进程已停止",
    "Loading was stopped": "加载已中止",
    "Looking for the checkpoint": "查找模型",
    "Reading weights": "读取权重",
    "Ready": "就绪",
    "Reserving memory": "分配内存",
    "Starting the engine's process": "启动进程",
    "Waiting to be loaded": "等待加载",
    "Warming up": "预热",
}
