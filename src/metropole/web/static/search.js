// Suggests names while a search is typed; without it the page of results does the same.
for (const form of document.querySelectorAll("form[data-suggest]")) {
  const field = form.querySelector("input[type=search]");
  const list = document.createElement("datalist");
  list.id = `${field.id}-suggestions`;
  form.append(list);
  field.setAttribute("list", list.id);
  let waiting = 0;
  let asking = null;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      if (asking) asking.abort();
      asking = new AbortController();
      const text = field.value.trim();
      if (!text) return list.replaceChildren();
      const address = new URL(form.dataset.suggest, location.href);
      address.searchParams.set("q", text);
      try {
        const answer = await fetch(address, { signal: asking.signal });
        if (!answer.ok) return;
        const [, names, kinds] = await answer.json();
        list.replaceChildren(
          ...names.map((name, place) => {
            const option = document.createElement("option");
            option.value = name;
            option.label = kinds[place] ? `${name} · ${kinds[place]}` : name;
            return option;
          }),
        );
      } catch (error) {
        if (error.name !== "AbortError") list.replaceChildren();
      }
    }, 120);
  });
}
