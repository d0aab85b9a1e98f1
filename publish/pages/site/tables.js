// Lets tables be put in order by a column. The pages are whole without it.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  if (!body || body.rows.length < 3 || !table.tHead) continue;
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const rising = heading.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const value = (row) => {
        const text = row.cells[column].textContent.trim();
        const number = parseFloat(text.replace(/[£,%<]/g, ""));
        return heading.classList.contains("number") ? (Number.isNaN(number) ? -Infinity : number) : text;
      };
      [...body.rows]
        .map((row) => [value(row), row])
        .sort(([a], [b]) => (typeof a === "number" ? a - b : a.localeCompare(b)) * (rising ? 1 : -1))
        .forEach(([, row]) => body.append(row));
    });
  });
}
