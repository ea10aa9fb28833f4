// Opens what an address leads to, and everything on paper, in browsers that do not by themselves.
const unfold = (element) => {
  for (let each = element.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
};
const follow = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target?.closest("details:not([open])")) return;
  unfold(target);
  target.scrollIntoView();
};
addEventListener("hashchange", follow);
addEventListener("beforeprint", () => document.querySelectorAll("details.fold").forEach(unfold));
follow();
