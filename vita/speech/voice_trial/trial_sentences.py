"""What every voice says in the trial: sentences of conversations, fixed, in the words that are spoken (no digits)."""

ENGLISH = (
    "The capital of France is Paris, and it lies on the river Seine.",
    "Water boils at one hundred degrees Celsius at sea level.",
    "I see a red bicycle leaning against a white wall.",
    "Could you tell me a little more about what you need?",
    "The largest animal in the world is the blue whale.",
    "You can cook the rice while the vegetables are in the oven.",
    "Yes.",
    "Sorry, I did not hear the last part of your question.",
    "Photosynthesis turns light, water and carbon dioxide into sugar.",
    "The train leaves at a quarter past seven from platform nine.",
    "There are three people in the picture, and two of them are laughing.",
    "A good night of sleep helps you to remember what you learned.",
    "Her novel was translated into more than twenty languages.",
    "Please write down the address before you leave the house.",
    "The museum is closed on Mondays, so we should go tomorrow.",
    "Sixteen divided by four equals four.",
)
MANDARIN = (
    "法国的首都是巴黎。",
    "水在一百摄氏度时沸腾。",
    "我看到一辆红色的自行车靠在白色的墙上。",
    "你能再多告诉我一些你的需要吗？",
    "世界上最大的动物是蓝鲸。",
    "今天天气很好，我们去公园散步吧。",
    "对不起，我没有听清你的最后一句话。",
    "照片里有三个人，其中两个人在笑。",
    "火车七点一刻从九号站台出发。",
    "博物馆星期一不开放，我们明天再去。",
    "他的小说被翻译成二十多种语言。",
    "请在离开之前写下地址。",
)
