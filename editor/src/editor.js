// Turns the plain form of /sparql into an editor. The server writes every answer as a page; the
// editor only puts it in place, so that there is one way to show a result.
import Yasqe from "@zazuko/yasqe";
import "@zazuko/yasqe/build/yasqe.min.css";
import "./editor.css";
import { completer } from "./completion.js";
import { fetchPage, showRaw } from "./answer.js";

const ADDRESS_LENGTH = 6000;
const form = document.getElementById("ask");
const field = document.getElementById("query");
const said = document.getElementById("said");
// The server says everything in the language of the page, and what is said here too.
const texts = JSON.parse(form.dataset.texts);

/** Put an editor in the place of the text field. */
function makeEditor(complete) {
  // Defaults are changed here because a list given as an option is merged with the default one.
  Yasqe.defaults.autocompleters = ["variables"];
  const holder = document.createElement("div");
  field.before(holder);
  const editor = new Yasqe(holder, {
    value: field.value,
    persistenceId: null,
    createShareableLink: null,
    consumeShareLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "auto",
    viewportMargin: Infinity,
    inputStyle: "contenteditable",
    foldGutter: false,
    gutters: ["gutterErrorBar", "CodeMirror-linenumbers"],
    extraKeys: {
      "Ctrl-Enter": () => form.requestSubmit(),
      "Cmd-Enter": () => form.requestSubmit(),
      "Ctrl-Space": complete,
      "Ctrl-S": false,
      "Shift-Ctrl-F": (cm) => cm.autoformat(),
      Esc: letTabLeave,
    },
  });
  field.hidden = true;
  describe(editor);
  editor.on("blur", () => editor.removeKeyMap(LEAVING));
  editor.on("change", () => unmark(editor));
  return editor;
}

const LEAVING = { Tab: false, "Shift-Tab": false };

/** Let the next Tab leave the editor instead of indenting. */
function letTabLeave(editor) {
  editor.removeKeyMap(LEAVING);
  editor.addKeyMap(LEAVING);
  said.textContent = texts.leaves;
}

/** Say to assistive technology what the editor is and how to leave it. */
function describe(editor) {
  const input = editor.getInputField();
  input.setAttribute("role", "textbox");
  input.setAttribute("aria-labelledby", "query-label");
  input.setAttribute("aria-describedby", "keys");
  input.setAttribute("aria-multiline", "true");
  document.getElementById("keys").hidden = false;
  document.getElementById("query-label").addEventListener("click", () => editor.focus());
}

/** Mark the place of an error that the server told. */
function mark(editor) {
  const problem = document.querySelector("#answer [data-line]");
  if (!problem) return;
  const line = Number(problem.dataset.line) - 1;
  const ch = Math.max(0, Number(problem.dataset.column) - 1);
  const length = editor.getLine(line)?.length ?? 0;
  const from = { line, ch: Math.max(0, Math.min(ch, length - 1)) };
  editor.addLineClass(line, "background", "error-line");
  editor.markText(from, { line, ch: from.ch + 1 }, { className: "error-place" });
  editor.setCursor(from);
}

function unmark(editor) {
  editor.getAllMarks().forEach((each) => each.className === "error-place" && each.clear());
  editor.eachLine((line) => editor.removeLineClass(line, "background", "error-line"));
}

/** The query that the picture is of: another one is not drawn as this was. */
let drawn = field.value;

/** What is kept beside the query: the picture, its columns, and a release. */
function view() {
  const fields = [...form.querySelectorAll("input[type=hidden]")];
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
}

/** Draw the next answer as an example says it, and no longer as the one before. */
function setView(parameters) {
  form.querySelectorAll("input[type=hidden]").forEach((field) => ["release", "lang"].includes(field.name) || field.remove());
  for (const [name, value] of new URLSearchParams(parameters)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
}

/** Where a query goes that is too long for an address; the language of the page stays in it. */
function longAddress() {
  const { lang } = view();
  return lang ? `${form.action}?lang=${lang}` : form.action;
}

let running = null;

/** Ask the query and put the answer on this page. */
async function ask(editor) {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  const query = editor.getValue();
  if (query !== drawn) setView("");
  drawn = query;
  const asked = new URLSearchParams({ query, ...view() });
  const address = `${form.action}?${asked}`;
  const isLong = address.length > ADDRESS_LENGTH;
  const answer = document.getElementById("answer");
  answer.setAttribute("aria-busy", "true");
  said.textContent = texts.asking;
  unmark(editor);
  try {
    const page = await fetchPage(isLong ? longAddress() : address, isLong ? asked : null, signal);
    answer.replaceWith(page);
    if (!isLong) history.pushState(null, "", address);
    // An alert speaks for itself.
    said.textContent = page.querySelector("#answer-title")?.textContent ?? "";
    showRaw(page, texts);
    mark(editor);
  } catch (error) {
    if (error.name === "AbortError") return;
    answer.removeAttribute("aria-busy");
    said.textContent = `${texts.silent} ${error.message}`;
  }
}

/** Let the examples fill the editor without leaving the page. */
function offerExamples(editor) {
  document.getElementById("examples")?.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-query]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    editor.setValue(link.dataset.query);
    drawn = editor.getValue();
    setView(link.dataset.view);
    document.getElementById("examples").open = false;
    editor.focus();
  });
}

// Only the plain form needs it.
form.querySelector("[name=drawn-for]")?.remove();
const editor = makeEditor(completer(form.dataset.terms, texts));
offerExamples(editor);
mark(editor);
showRaw(document.getElementById("answer"), texts);
form.addEventListener("submit", (event) => {
  field.value = editor.getValue();
  if (form.elements.format.value) return;
  event.preventDefault();
  ask(editor);
});
window.addEventListener("popstate", () => location.reload());
