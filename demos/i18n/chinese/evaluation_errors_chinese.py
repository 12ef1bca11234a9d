"""What the tab Evaluate refuses and why its runs end, in Chinese, by the English template."""

from __future__ import annotations

EVALUATION_ERRORS_CHINESE: dict[str, str] = {
    "Choose at least one task.": "请至少选择一项任务。",
    "There is no task {task}; choose from the list.": "没有任务 {task}，请从列表中选择。",
    "There is no folder {folder} on the server; leave it empty to stream from the Hub.":
        "服务器上没有文件夹 {folder}；留空则从 Hub 流式读取。",
    "Items of each task is a whole number, a share below 1, or 0 for all.":
        "每项题数应为整数、小于 1 的比例，或 0（全部）。",
    "The server's address begins with http:// or https://, such as http://host:8000/v1.":
        "服务器地址应以 http:// 或 https:// 开头，例如 http://host:8000/v1。",
    "The address of a server for conversations begins with ws://, such as ws://host:7860.":
        "用于实时对话的服务器地址应以 ws:// 开头，例如 ws://host:7860。",
    "Conversations are a run of their own: choose either them or other tasks.":
        "实时对话须单独评测：请只选实时对话，或只选其他任务。",
    "This server has no port of its own: give its address as another server's.":
        "本服务器没有自己的端口：请按其他服务器填写其地址。",
    "This run has a task that is no more: {task}.": "此评测包含已不存在的任务：{task}。",
    "This run has a judge: go on with it by the command that began it.": "此评测使用了裁判模型，请用启动它的命令继续。",
    "This run measures {measured}, and this page runs {model}: start it with that model.":
        "此评测针对 {measured}，而本页运行的是 {model}；请用该模型启动页面。",
    "Keys are not kept: type the server's key again, then resume.": "密钥不会保存：请重新输入服务器密钥，再继续。",
    "There are no results {id} any more; choose others from the list.": "结果 {id} 已不存在，请从列表中选择其他结果。",
    "There is no run {id}; choose one from the list.": "没有评测 {id}，请从列表中选择。",
    "The plan of the run {run} cannot be read.": "无法读取评测 {run} 的计划。",
    "The model's server has not answered yet: wait until the page says that it is ready.":
        "模型服务器尚未响应：请等页面显示就绪后再开始。",
    "A run goes on already: stop it, or wait until it is done.": "已有评测在进行：请停止它，或等待完成。",
    "Another process works on this run: let it end, or stop it there.":
        "其他进程正在运行此评测：请等待结束，或在那里停止。",
    "The Hub did not take it: {reason}. Check the name owner/data-set and the token.":
        "Hub 未接受：{reason}。请检查数据集名称（所有者/数据集）和令牌。",
    "A run's name has at most {most} characters; shorten it.": "评测名称最多 {most} 个字符，请缩短。",
    "A run's note has at most {most} characters; shorten it.": "评测备注最多 {most} 个字符，请缩短。",
    "This run goes on: stop it first, then delete it.": "此评测正在进行：请先停止，再删除。",
    "This run was deleted long ago and cannot be had back.": "此评测早已删除，无法恢复。",
    "This run has no results file yet: resume it and let it end.": "此评测还没有结果文件：请继续并等待完成。",
    # why a run ended
    "The run broke off: {reason}": "评测中断：{reason}",
    "There is neither {path} nor a folder {name} with .parquet files beside it. {advice}":
        "没有 {path}，旁边也没有含 .parquet 文件的文件夹 {name}。{advice}",
    "There is nothing to run in {folder}. {advice}": "{folder} 中没有可运行的内容。{advice}",
    "Line {line} of {path} is no JSON: {reason}.": "{path} 第 {line} 行不是 JSON：{reason}。",
    "This data is not on the Hub: {advice} Then give its folder (--data).":
        "此数据不在 Hub 上：{advice} 然后请填写其文件夹（--data）。",
    "Benchmarks from the Hub and .parquet files need datasets: pip install datasets.":
        "读取 Hub 上的基准或 .parquet 文件需要 datasets：请运行 pip install datasets。",
    "{hub} could not be read ({reason}): check the network, or give a folder with the data (--data). {advice}":
        "无法读取 {hub}（{reason}）：请检查网络，或填写数据文件夹（--data）。{advice}",
    "No .parquet file below {folder} is of the split {split}; keep the Hub's names.":
        "{folder} 下没有属于 {split} 的 .parquet 文件；请保留 Hub 上的文件名。",
    "The row names a file but holds neither its bytes nor its path.": "该行提到一个文件，却没有其内容或路径。",
    "The size of {task} is not known beforehand; limit it to a whole number.":
        "事先不知道 {task} 有多少题；请把题数限制为整数。",
    "Another process (number {other}) works on the run {run}: let it end or stop it, then go on; "
    "or begin anew (--fresh).":
        "其他进程（编号 {other}）正在运行评测 {run}：请等它结束或停止它，然后继续；或重新开始（--fresh）。",
    "The run {run} has just been finished by another process; see its results.":
        "评测 {run} 刚由其他进程完成，请查看其结果。",
    "The server at {address} does not answer or hung up: {reason}": "服务器 {address} 没有响应或已断开：{reason}",
    "The server takes no conversation now: {reason}": "服务器现在不接受对话：{reason}",
}  # fmt: skip
