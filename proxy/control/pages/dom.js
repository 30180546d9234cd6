/* Elements made of text, never of markup: what a camera is called cannot become code. */

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set(["svg", "polygon", "polyline", "circle", "ellipse", "path", "rect", "line", "g", "text", "title"]);

export function h(tag, attributes = {}, ...children) {
  const element = DRAWN.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !DRAWN.has(tag) && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/* Text is written only where it changed, so that screen readers and selections are left in peace. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export async function ask(path, body, method = body === undefined ? "GET" : "POST") {
  const sent = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, { method, cache: "no-store", ...sent });
  if (!answer.ok) throw Object.assign(new Error(inWords(await answer.text())), { status: answer.status });
  return answer.json();
}

/* What went wrong, as the proxy says it: one line, or what, each problem, and what to do. */
function inWords(text) {
  try {
    const { error, problems, hint } = JSON.parse(text);
    return [...(problems?.length ? problems : [error]), hint].filter(Boolean).join(" – ");
  } catch {
    return text.trim();
  }
}

/* Pressed once it asks, pressed again it does: for what should not happen by a slip of the hand. */
export function twice(button, question, act) {
  let armed = null;
  button.addEventListener("click", () => {
    if (armed === null) {
      const text = button.textContent;
      button.textContent = question();
      button.classList.add("asking");
      armed = setTimeout(() => { armed = null; button.classList.remove("asking"); button.textContent = text; }, 4000);
      return;
    }
    clearTimeout(armed);
    armed = null;
    button.classList.remove("asking");
    act();
  });
}
