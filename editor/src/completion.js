// Completion of classes and properties from the statistics of the release, prefixes included.

const SUGGESTIONS = 50;

/** Make the command that completes at the cursor; the terms are fetched when first needed. */
export function completer(address, texts) {
  let terms = null;
  const load = () => (terms ??= fetch(address).then((response) => response.json()).then(named));
  return (editor) =>
    load().then((found) =>
      editor.showHint({
        hint: () => suggestions(editor, found),
        completeSingle: false,
        closeCharacters: /[\s>"]/,
        container: editor.getWrapperElement().parentElement,
      }),
    ).catch((error) => {
      terms = null;
      document.getElementById("said").textContent = `${texts.nothing} ${error.message}`;
    });
}

/** Give the terms their short names, by the longest namespace that fits. */
function named({ prefixes, classes, properties }) {
  const spaces = Object.entries(prefixes).sort((a, b) => b[1].length - a[1].length);
  const short = (term) => {
    const [prefix, space] = spaces.find(([, iri]) => term.iri.startsWith(iri)) ?? [];
    const local = space === undefined ? "" : term.iri.slice(space.length);
    const fits = space !== undefined && /^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u.test(local);
    return { ...term, prefix, space, text: fits ? `${prefix}:${local}` : `<${term.iri}>`, fits };
  };
  return { classes: classes.map(short), properties: properties.map(short), prefixes };
}

/** What may stand at the cursor: classes after `a`, else properties; prefixes in a header. */
function suggestions(editor, { classes, properties, prefixes }) {
  const cursor = editor.getCursor();
  const before = editor.getLine(cursor.line).slice(0, cursor.ch);
  const typed = /[^\s<(){}|/^*+!,;"]*$/.exec(before)[0];
  const from = { line: cursor.line, ch: cursor.ch - typed.length };
  const context = before.slice(0, from.ch);
  if (/^\s*PREFIX\s+$/i.test(context)) return { list: headers(typed, prefixes), from, to: cursor };
  const all = /(^|\s)(a|rdf:type)\s+<?$/.test(context) ? classes : properties;
  const wanted = typed.toLowerCase();
  const matching = all.filter(
    ({ text, label }) => text.toLowerCase().includes(wanted) || label.toLowerCase().includes(wanted),
  );
  const list = matching.slice(0, SUGGESTIONS).map((term) => ({
    text: term.text,
    render: (element) => element.append(...shown(term)),
    hint: (cm) => insert(cm, term, from),
  }));
  return { list, from, to: cursor };
}

function headers(typed, prefixes) {
  return Object.entries(prefixes)
    .filter(([prefix]) => prefix.startsWith(typed))
    .map(([prefix, iri]) => `${prefix}: <${iri}>`);
}

function shown({ text, label, count }) {
  const note = document.createElement("small");
  note.textContent = count ? ` ${label} · ${count.toLocaleString(document.documentElement.lang)}` : ` ${label}`;
  return [text, note];
}

/** Insert a term, and its prefix at the top where it is not declared. */
function insert(editor, term, from) {
  const to = editor.getCursor();
  const declared = editor.getPrefixesFromQuery();
  editor.operation(() => {
    const start = editor.getRange({ ...from, ch: Math.max(0, from.ch - 1) }, from) === "<"
      ? { ...from, ch: from.ch - 1 } : from;
    editor.replaceRange(term.text, start, to);
    if (term.fits && declared[term.prefix] === undefined) {
      editor.addPrefixes({ [term.prefix]: term.space });
    }
  });
}
