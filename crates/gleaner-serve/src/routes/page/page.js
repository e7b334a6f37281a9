"use strict";

const element = (id) => document.getElementById(id);

// The text with its entities marked. Offsets are those of JavaScript, so they slice its strings.
function show(text, spans) {
  const parts = [];
  let end = 0;
  for (const span of spans) {
    const mark = document.createElement("mark");
    const label = document.createElement("small");
    label.textContent = `${span.label} ${Math.round(100 * span.confidence)} %`;
    mark.append(text.slice(span.start, span.end), label);
    parts.push(text.slice(end, span.start), mark);
    end = span.end;
  }
  element("result").replaceChildren(...parts, text.slice(end));
}

async function predict(event) {
  event.preventDefault();
  const text = element("text").value;
  element("status").textContent = "…";
  element("result").replaceChildren();
  try {
    const body = JSON.stringify({ model: element("model").value, text, offsets: "utf16" });
    const response = await fetch("predict", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const reply = await response.json();
    if (!response.ok) {
      throw new Error(reply.error);
    }
    element("status").textContent = `Entities: ${reply.spans.length} (${reply.model_version})`;
    show(reply.text, reply.spans);
  } catch (error) {
    element("status").textContent = error.message;
  }
}

async function start() {
  element("form").addEventListener("submit", predict);
  const response = await fetch("models");
  const reply = await response.json();
  const option = (model) => new Option(`${model.name} (${model.types.join(", ")})`, model.name);
  element("model").replaceChildren(...reply.models.map(option));
}

start().catch((error) => {
  element("status").textContent = error.message;
});
