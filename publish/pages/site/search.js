// Search, where the pages are served. From files a browser may not read the index: the list serves.
const form = document.querySelector("form.search");
if (form && location.protocol.startsWith("http")) {
  const folder = new URL("./", location.href);
  const input = form.querySelector("input");
  const status = document.querySelector(".found");
  const list = document.querySelector("ol.results");
  let asked = 0;

  const entry = async (result) => {
    const page = await result.data();
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = page.url;
    link.textContent = page.meta.title;
    const says = document.createElement("p");
    says.textContent = page.plain_excerpt;
    item.append(link, says);
    return item;
  };

  const search = async (pagefind) => {
    const mine = ++asked;
    const words = input.value.trim();
    const found = words ? (await pagefind.search(words)).results : [];
    const items = await Promise.all(found.slice(0, 20).map(entry));
    if (mine !== asked) return;
    list.replaceChildren(...items);
    status.textContent = words ? `${found.length} pages found${found.length > 20 ? ", the first 20 shown" : ""}` : "";
  };

  import(new URL("search/pagefind.js", folder)).then(async (pagefind) => {
    await pagefind.options({ baseUrl: folder.pathname });
    await pagefind.init();
    form.hidden = false;
    document.querySelector(".unserved").hidden = true;
    form.addEventListener("submit", (event) => { event.preventDefault(); search(pagefind); });
    input.addEventListener("input", () => search(pagefind));
    input.focus();
  });
}
