// What the hand can move in a report: light and dark, copies of tables, hidden lines, the fan.
// Notable: text enters the page as text only, never as markup; nothing is requested. Without
// this script the page says the same, with the first forecast in place of all.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const NOTHING = 0xffff, NEVER = 0xffffffff, INK = "c5";
  const find = (name) => document.getElementById(name);
  const element = (tag, attributes = {}, words = "") => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = words;
    return made;
  };
  const shape = (tag, attributes, words) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (words !== undefined) made.textContent = words;
    return made;
  };
  const asked = new URLSearchParams(location.hash.slice(1)); // #series=2&origin=3&theme=dark

  // Light and dark: as the system has it, until somebody chooses.
  const addTheme = () => {
    const root = document.documentElement;
    const isDark = () =>
      root.dataset.theme
        ? root.dataset.theme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
    if (["light", "dark"].includes(asked.get("theme"))) root.dataset.theme = asked.get("theme");
    const button = element("button", { type: "button", class: "theme" });
    const name = () => { button.textContent = isDark() ? "Light colours" : "Dark colours"; };
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      name();
    });
    name();
    document.querySelector("main").prepend(button);
  };

  // A table as lines of cells with tabs between them, as spreadsheets take it.
  const copied = (table) =>
    [...table.rows]
      .map((row) => [...row.cells].map((cell) => said(cell)).join("\t"))
      .join("\n");
  const said = (cell) => (cell.querySelector(".unseen") ?? cell).textContent.trim();
  const toClipboard = async (words) => {
    try {
      await navigator.clipboard.writeText(words);
    } catch { // a page from a file, or an older browser
      const field = element("textarea", { class: "unseen" });
      field.value = words;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  };
  const addCopies = () => {
    for (const table of document.querySelectorAll("table")) {
      const title = table.caption.textContent;
      const button = element("button", { type: "button", class: "copy" }, "Copy");
      button.setAttribute("aria-label", `Copy the table: ${title}`);
      button.addEventListener("click", async () => {
        await toClipboard(copied(table));
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
      table.caption.append(button);
    }
  };

  // A line is hidden and shown by its entry in the legend.
  const addToggles = (figure) => {
    for (const item of figure.querySelectorAll(".legend li[data-line]")) {
      const button = element("button", { type: "button", "aria-pressed": "true" });
      button.append(...item.childNodes);
      item.append(button);
      button.addEventListener("click", () => {
        const shown = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(shown));
        for (const line of figure.querySelectorAll(`g[data-line="${item.dataset.line}"]`)) {
          line.toggleAttribute("hidden", !shown);
          line.style.display = shown ? "" : "none";
        }
      });
    }
  };

  // Numbers as a reader wants them: the decimals follow from what is shown beside them.
  const decimalsFor = (range) => Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(range))));
  const told = (value, places) =>
    Number.isFinite(value) ? value.toFixed(places).replace(/^-/, "−") : "–";
  const ticks = (low, high, about = 5) => {
    const raw = (high - low) / about;
    const unit = 10 ** Math.floor(Math.log10(raw));
    const near = (a, b) => (Math.abs(a - raw / unit) <= Math.abs(b - raw / unit) ? a : b);
    const step = unit * [1, 2, 5, 10].reduce(near);
    const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
    const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step).map((value) => [
      value,
      value.toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places })
        .replace(/^-/, "−"),
    ]);
  };

  // The fan: unpack, choose, draw.
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer;
  const unpacked = (text, low, high) =>
    Float64Array.from(new Uint16Array(bytes(text)), (step) =>
      step === NOTHING ? NaN : low + (step / (NOTHING - 1)) * (high - low));
  const addFan = () => {
    const data = JSON.parse(find("fan-data").textContent);
    const [width, height, left, right, top, bottom] = data.frame;
    const { horizon, past, models, levels, quantiles } = data;
    const span = past + horizon;
    const opened = new Map(); // series are unpacked when they are first shown
    const open = (k) => {
      if (!opened.has(k)) {
        const one = data.series[k];
        opened.set(k, {
          ...one,
          when: new Uint32Array(bytes(one.when)),
          actual: unpacked(one.actual, one.low, one.high),
          forecasts: unpacked(one.forecasts, one.low, one.high),
        });
      }
      return opened.get(k);
    };
    const pick = { series: find("fan-series"), model: find("fan-model"), beside: find("fan-beside") };
    const slider = find("fan-origin");
    data.series.forEach((one, k) => pick.series.append(element("option", { value: k }, one.id)));
    models.forEach((name, k) => {
      pick.model.append(element("option", { value: k }, name));
      pick.beside.append(element("option", { value: k }, name));
    });
    pick.beside.append(element("option", { value: -1 }, "none"));
    pick.beside.value = models.length > 1 ? 1 : -1;

    const figure = find("fan");
    const svg = figure.querySelector(".chart svg"), legend = figure.querySelector(".legend");
    const reading = find("fan-reading"), table = find("fan-table");

    // What is shown fills the picture, so that a quiet day is not a flat line.
    const scales = (series, origin, shown) => {
      const known = series.when.subarray(origin * span, (origin + 1) * span)
        .findIndex((time) => time !== NEVER);
      const start = Math.min(known + 1 - past, 0);
      const finite = shown.filter(Number.isFinite);
      const least = finite.length ? Math.min(...finite) : series.low;
      const most = finite.length ? Math.max(...finite) : series.high;
      const air = most > least ? 0.05 * (most - least) : Math.max(Math.abs(most), 1) / 2;
      const low = least - air, high = most + air;
      return {
        start,
        x: (step) => left + ((step - start) / (horizon - start)) * (width - right - left),
        y: (value) => height - bottom - ((value - low) / (high - low)) * (height - bottom - top),
        step: (x) => Math.round(start + ((x - left) / (width - right - left)) * (horizon - start)),
        low,
        high,
      };
    };
    const path = (values, first, scale) => {
      let drawn = "", isOn = false;
      values.forEach((value, k) => {
        if (Number.isFinite(value)) {
          const alone = !isOn && !Number.isFinite(values[k + 1]) ? "h.01" : "";
          drawn += `${isOn ? "L" : "M"}${scale.x(first + k).toFixed(1)},${scale.y(value).toFixed(1)}${alone}`;
        }
        isOn = Number.isFinite(value);
      });
      return drawn;
    };
    const frame = (series, origin, scale) => {
      const floor = height - bottom, parts = [];
      const rule = (kind, x1, x2, y1, y2) =>
        parts.push(shape("line", { class: kind, x1, x2, y1, y2 }));
      rule("axis", left, width - right, floor, floor);
      for (const [value, label] of ticks(scale.low, scale.high)) {
        rule("grid", left, width - right, scale.y(value), scale.y(value));
        parts.push(shape("text", { class: "end", x: left - 8, y: scale.y(value) + 4 }, label));
      }
      for (let k = 1; k < 8; k += 2) {
        const step = Math.round(scale.start + (k / 8) * (horizon - scale.start));
        const time = series.when[origin * span + step + past - 1];
        if (time === NEVER) continue;
        rule("axis", scale.x(step), scale.x(step), floor, floor + 5);
        parts.push(shape("text", { class: "mid", x: scale.x(step), y: floor + 19 }, data.times[time]));
      }
      const middle = (left + width - right) / 2;
      parts.push(shape("text", { class: "mid", x: middle, y: height - 8 }, data.time));
      const turned = `translate(14 ${(top + floor) / 2}) rotate(-90)`;
      parts.push(shape("text", { class: "mid", transform: turned }, "value"));
      rule("rule", scale.x(0), scale.x(0), top, floor);
      return parts;
    };
    // [H] one quantile of one model from one origin
    const forecast = (series, model, origin, quantile) => {
      const block = (model * series.origins.length + origin) * horizon * quantiles;
      return Array.from({ length: horizon }, (_, h) => series.forecasts[block + h * quantiles + quantile]);
    };
    const band = (low, high, scale) => {
      const point = (value, h) => `${scale.x(h + 1).toFixed(1)},${scale.y(value).toFixed(1)}`;
      const upper = high.map(point), lower = low.map(point).reverse();
      return [...upper, ...lower].filter((p) => !p.includes("NaN")).join(" ");
    };
    const entry = (mark, words) => {
      const sample = shape("svg", { width: 28, height: 12, "aria-hidden": "true" });
      sample.append(...mark);
      const item = element("li");
      item.append(sample, words);
      return item;
    };
    const stroke = (kind) => [shape("path", { class: `line ${kind}`, d: "M1,6L27,6" })];

    let now = null; // what is drawn, for the reading
    const draw = () => {
      const series = open(Number(pick.series.value));
      slider.max = series.origins.length - 1;
      const origin = Math.min(Number(slider.value), series.origins.length - 1);
      const model = Number(pick.model.value), beside = Number(pick.beside.value);
      const actual = [...series.actual.slice(origin * span, (origin + 1) * span)];
      const middle = forecast(series, model, origin, 0);
      const compared = beside < 0 || beside === model ? null : forecast(series, beside, origin, 0);
      const bounds = levels.map(([, low, high]) =>
        [low, high].map((quantile) => forecast(series, model, origin, quantile)));
      const scale = scales(series, origin, [...actual, ...middle, ...(compared ?? []), ...bounds.flat(2)]);
      const parts = frame(series, origin, scale), keys = [entry(stroke(INK), "actual")];
      const lines = [[`line ${INK}`, actual.slice(past - 1 + scale.start), scale.start]];
      lines.push(["line c0", middle, 1]);
      keys.push(entry(stroke("c0"), models[model]));
      if (compared) {
        lines.push(["line c1 dashed", compared, 1]);
        keys.push(entry(stroke("c1 dashed"), models[beside]));
      }
      levels.forEach(([level], k) => {
        parts.push(shape("polygon", { class: "area c0", points: band(...bounds[k], scale) }));
        const darker = Array.from({ length: k + 1 }, () =>
          shape("rect", { class: "area c0", width: 28, height: 12 }));
        keys.push(entry(darker, `${models[model]}, ${level} % interval`));
      });
      for (const [kind, values, first] of lines.reverse()) {
        parts.push(shape("path", { class: kind, d: path(values, first, scale) }));
      }
      const title = `${series.id}, from ${series.origins[origin]}`;
      svg.replaceChildren(...parts);
      svg.setAttribute("aria-label", title);
      figure.querySelector("figcaption").textContent = title;
      legend.replaceChildren(...keys);
      find("fan-origin-name").textContent =
        `${origin + 1} of ${series.origins.length}: ${series.origins[origin]}`;
      slider.setAttribute("aria-valuetext", series.origins[origin]);
      now = { series, origin, scale, actual, middle, compared, model, beside };
      reading.textContent = "";
      write();
    };
    // The numbers behind the picture.
    const write = () => {
      const { series, origin, actual, middle, compared, model, beside } = now;
      const places = decimalsFor(series.high - series.low);
      table.caption.firstChild.textContent = `${series.id}: what came and what was forecast.`;
      const names = ["time", "actual", models[model], ...(compared ? [models[beside]] : [])];
      const head = element("tr");
      names.forEach((name, k) =>
        head.append(element("th", k ? { scope: "col" } : { scope: "col", class: "left" }, name)));
      const rows = middle.map((value, h) => {
        const row = element("tr");
        const time = data.times[series.when[origin * span + past + h]];
        row.append(element("th", { scope: "row", class: "left" }, time));
        for (const shown of [actual[past + h], value, ...(compared ? [compared[h]] : [])]) {
          row.append(element("td", {}, told(shown, places)));
        }
        return row;
      });
      table.tHead.replaceChildren(head);
      table.tBodies[0].replaceChildren(...rows);
    };
    // What stands below the pointer, in words.
    const read = (event) => {
      const box = svg.getBoundingClientRect();
      const { series, origin, scale, actual, middle, compared, model, beside } = now;
      const step = scale.step(((event.clientX - box.left) / box.width) * width);
      if (step < scale.start || step > horizon) return;
      const places = decimalsFor(series.high - series.low);
      const at = past - 1 + step;
      const words = [data.times[series.when[origin * span + at]], `actual ${told(actual[at], places)}`];
      if (step > 0) {
        words.splice(1, 0, `step ${step}`);
        words.push(`${models[model]} ${told(middle[step - 1], places)}`);
        if (compared) words.push(`${models[beside]} ${told(compared[step - 1], places)}`);
      }
      reading.textContent = words.join(" · ");
    };

    const choose = (control, value) => {
      if (value === null) return;
      const byName = [...(control.options ?? [])].find((option) => option.textContent === value);
      control.value = byName ? byName.value : value;
    };
    choose(pick.series, asked.get("series"));
    choose(pick.model, asked.get("model"));
    choose(pick.beside, asked.get("beside"));
    slider.max = open(Number(pick.series.value)).origins.length - 1;
    choose(slider, asked.get("origin"));
    for (const control of [...Object.values(pick), slider]) control.addEventListener("input", draw);
    svg.addEventListener("pointermove", read);
    find("fan-tools").hidden = false;
    draw();
    const box = svg.parentElement;
    box.scrollLeft = box.scrollWidth;  // a narrow screen begins with the forecast
  };

  addTheme();
  if (find("fan-data")) addFan();
  addCopies();
  document.querySelectorAll("figure:not(#fan)").forEach(addToggles);
})();
