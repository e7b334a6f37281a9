// Guidelines: Markdown's headings, lists and paragraphs. Everything else is shown as it is written.

/** The blocks of a text: {kind: "heading" | "list" | "paragraph", lines: […]}. */
export function blocks(text) {
  const found = [];
  let open = null;
  const add = (kind, line, joins) => {
    if (joins && open?.kind === kind) open.lines.push(line);
    else found.push((open = { kind, lines: [line] }));
  };
  for (const line of text.split(/\r?\n/)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*\s*$/.exec(line);
    const item = /^\s*(?:[-*+]|\d+[.)])\s+(.*)$/.exec(line);
    if (line.trim() === "") open = null;
    else if (heading) add("heading", heading[1], false);
    else if (item) add("list", item[1], true);
    else if (open?.kind === "list") open.lines.push(`${open.lines.pop()} ${line.trim()}`);
    else add("paragraph", line, true);
  }
  return found;
}

/** Shows guidelines in an element. */
export function drawGuidelines(element, text) {
  const made = (name, content) => {
    const node = document.createElement(name);
    node.textContent = content;
    return node;
  };
  element.replaceChildren(
    ...blocks(text).map(({ kind, lines }) => {
      if (kind === "heading") return made("h3", lines[0]);
      if (kind === "paragraph") return made("p", lines.join("\n"));
      const list = document.createElement("ul");
      list.append(...lines.map((line) => made("li", line)));
      return list;
    }),
  );
}
