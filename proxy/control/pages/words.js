/* Every word of the page, in English and Chinese. */

const WORDS = {
  skip: ["To the cameras", "跳到摄像机"],
  title: ["Cameras", "摄像机"],
  cameras: ["{n} cameras", "{n} 台摄像机"],
  camera1: ["1 camera", "1 台摄像机"],
  people: ["{n} people hidden now", "当前遮盖 {n} 人"],
  troubled: ["{n} need attention", "{n} 台需要处理"],
  silent: ["The proxy does not answer. Check that it runs and that this device reaches it.", "代理没有应答。请检查它是否在运行，以及本设备能否访问它。"],
  connecting: ["Connecting to the proxy …", "正在连接代理……"],
  none: ["No camera yet.", "还没有摄像机。"],
  first: ["Waiting for the first anonymised picture …", "正在等待第一幅匿名画面……"],
  picture: ["Anonymised live picture of {name}", "{name} 的匿名实时画面"],
  live: ["Live", "直播"],
  waiting: ["Waiting", "等待"],
  trouble: ["Trouble", "故障"],
  covered: ["Covered", "已遮盖"],
  coverAll: ["Cover everything", "全部遮盖"],
  uncoverAll: ["Uncover everything", "取消全部遮盖"],
  cover: ["Cover this camera", "遮盖此摄像机"],
  uncover: ["Uncover this camera", "取消遮盖此摄像机"],
  sure: ["Press again to uncover", "再按一次以取消遮盖"],
  notKept: ["Covered, but a restart will not remember it: the state folder cannot be written.", "已遮盖，但重启后不会保留：状态文件夹无法写入。"],
  refused: ["That was refused: {why}", "被拒绝：{why}"],
  back: ["All cameras", "全部摄像机"],
  now: ["Now", "当前状态"],
  hidden: ["People hidden", "遮盖人数"],
  rate: ["Frames per second", "帧率"],
  latency: ["Latency", "延迟"],
  cpu: ["Processors in use", "占用处理器"],
  whole: ["Covered whole, last minute", "过去一分钟整体遮盖"],
  dropped: ["Left out, last minute", "过去一分钟丢弃"],
  size: ["Picture", "画面"],
  source: ["Camera", "摄像机"],
  process: ["Anonymiser", "匿名处理"],
  where: ["Where it goes", "输出"],
  what: ["What to do", "处理办法"],
  detail: ["Technical detail", "技术细节"],
  nothing: ["none", "无"],
  preview: ["this page", "本页面"],
  dark: ["Dark", "深色"],
  light: ["Light", "浅色"],
  other: ["中文", "English"],
  otherTitle: ["切换到中文", "Switch to English"],
  gone: ["There is no camera of that name.", "没有这个名称的摄像机。"],
  "state.connecting": ["connecting", "连接中"],
  "state.running": ["running", "正常"],
  "state.waiting": ["trying again soon", "等待重试"],
  "state.ended": ["ended", "已结束"],
  "state.failed": ["failed", "失败"],
  "why.not-examined": ["not looked at in time", "未及时检测"],
  "why.detector-failed": ["a detector failed", "检测器出错"],
  "why.late": ["a look came too late", "检测过晚"],
  "why.tracker-failed": ["tracking failed", "跟踪出错"],
  "why.redactor-failed": ["hiding failed", "遮盖出错"],
  "why.signs-failed": ["signs failed", "标识出错"],
  "why.invalid-regions": ["invalid regions", "区域无效"],
  "why.starting": ["starting", "启动中"],
  "why.offline": ["camera offline", "摄像机离线"],
  "why.operator": ["by an operator", "操作员遮盖"],
};

const LANGUAGES = ["en", "zh"];
export let language = localStorage.getItem("language") ?? (navigator.language?.startsWith("zh") ? "zh" : "en");
if (!LANGUAGES.includes(language)) language = "en";

export function speak(chosen) {
  language = chosen;
  localStorage.setItem("language", chosen);
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
}
speak(language);

export function t(key, values = {}) {
  const words = WORDS[key];
  if (!words) return key;
  return words[LANGUAGES.indexOf(language)].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/* The one of two texts, {en, zh}, that the visitor reads. */
export const of = (texts) => texts?.[language] || texts?.en || "";
