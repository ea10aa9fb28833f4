// Answers: the page of the server, and the raw response on demand.

const CHARACTERS_SHOWN = 100_000;

/** Fetch the page of a query and give its answer section; what has a body goes as a POST. */
export async function fetchPage(address, body, signal) {
  const response = await fetch(address, {
    headers: { Accept: "text/html" },
    signal,
    ...(body === null ? {} : { method: "POST", body }),
  });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const answer = page.getElementById("answer") ?? asProblem(page, response);
  return document.adoptNode(answer);
}

/** Give an error page of the server, or of a proxy before it, the form of an answer. */
function asProblem(page, response) {
  const section = page.createElement("section");
  section.id = "answer";
  const box = section.appendChild(page.createElement("div"));
  box.className = "problem";
  box.setAttribute("role", "alert");
  const title = page.querySelector("h1")?.textContent ?? `Status ${response.status}`;
  box.append(Object.assign(page.createElement("h2"), { textContent: title }));
  const detail = page.querySelector(".detail")?.textContent ?? "";
  box.append(Object.assign(page.createElement("p"), { textContent: detail }));
  return section;
}

/** Offer the response as the server sends it to programs; it is fetched when it is opened. */
export function showRaw(answer, texts) {
  const link = answer.querySelector("a[data-format=json], a[data-format=nt]");
  if (!link) return;
  const details = document.createElement("details");
  details.className = "raw";
  details.append(Object.assign(document.createElement("summary"), { textContent: texts.raw }));
  const text = Object.assign(document.createElement("pre"), { tabIndex: 0 });
  details.append(text);
  details.addEventListener("toggle", () => fillRaw(text, link.href, texts), { once: true });
  answer.append(details);
}

async function fillRaw(text, address, texts) {
  text.textContent = texts.loading;
  try {
    const body = await (await fetch(address)).text();
    const cut = body.length > CHARACTERS_SHOWN;
    text.textContent = body.slice(0, CHARACTERS_SHOWN) + (cut ? `\n${texts.more}` : "");
  } catch (error) {
    text.textContent = `${texts.silent} ${error.message}`;
  }
}
