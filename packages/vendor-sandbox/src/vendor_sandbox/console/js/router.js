// Which view is shown: the first part of the fragment. `#reference/cinchy/runQuery` is the view `reference` with the
// rest `["cinchy", "runQuery"]`, and `?` begins parameters: `#faults?vendor=cinchy`.

/** A fragment for a view, with everything in it escaped. */
export function fragment(view, rest = [], parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  return `#${[view, ...rest].map(encodeURIComponent).join("/")}${query === "" ? "" : `?${query}`}`;
}

/** Shows the view of the address, now and whenever it changes. `views`: by name, each with `show(rest, parameters)`. */
export function route(views) {
  const follow = (byUser) => {
    const { name, rest, parameters } = parse(location.hash, views);
    for (const other of Object.keys(views)) document.getElementById(`view-${other}`).hidden = other !== name;
    for (const link of document.querySelectorAll("header nav a")) {
      if (link.getAttribute("href") === `#${name}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const title = document.getElementById(`${name}-title`);
    document.title = `${title.textContent} – Vendor sandbox`;
    if (byUser) {
      scrollTo(0, 0);
      title.focus();
    }
    views[name].show(rest, parameters);
  };
  addEventListener("hashchange", () => follow(true));
  document.getElementById("skip").addEventListener("click", (event) => {
    event.preventDefault(); // the fragment is the view's
    document.querySelector("main > section:not([hidden]) h2").focus();
  });
  follow(false);
}

function parse(hash, views) {
  const [path, query = ""] = hash.slice(1).split("?", 2);
  const [name, ...rest] = path.split("/").map(decoded);
  return { name: Object.hasOwn(views, name) ? name : "requests", rest, parameters: new URLSearchParams(query) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
