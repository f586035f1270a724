let loading = null;

function loadPlotly(address) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      loading = null;
      script.remove();
      reject(new Error(`The plotting library did not load from ${address}; reload the page.`));
    };
    document.head.append(script);
  });
  return loading;
}

function colours(node) {
  const style = getComputedStyle(node);
  const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    text: read("--st-text-color", "#1F2421"),
    ground: read("--st-background-color", "#FAF9F6"),
    panel: read("--st-secondary-background-color", "#F1EFE9"),
    line: read("--st-border-color", "#DDD9CF"),
    font: read("--st-font", "sans-serif"),
  };
}

function axis(theme, given) {
  return {
    gridcolor: theme.line,
    linecolor: theme.line,
    zerolinecolor: theme.line,
    tickcolor: theme.line,
    automargin: true,
    ...given,
  };
}

function dressed(layout, theme) {
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 8, r: 8, t: layout.showlegend === false ? 12 : 32, b: 8 },
    dragmode: "zoom",
    hovermode: "x unified",
    hoverlabel: { bgcolor: theme.panel, bordercolor: theme.line, font: { color: theme.text, size: 12 } },
    legend: { orientation: "h", x: 0, y: 1.02, xanchor: "left", yanchor: "bottom", font: { size: 12 } },
    ...layout,
    font: { family: theme.font, color: theme.text, size: 12, ...layout.font },
    xaxis: axis(theme, layout.xaxis),
    yaxis: axis(theme, layout.yaxis),
    autosize: true,
  };
}

const CONFIG = {
  displaylogo: false,
  responsive: true,
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
};

function listen(node, pick) {
  node.removeAllListeners("plotly_click");
  node.on("plotly_click", ({ points: [{ x, y }] }) => pick({ x, y }));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const node = parentElement.querySelector(".specimen-plot");
  if (!node) return undefined;
  node.style.height = `${data.height}px`;
  node.setAttribute("aria-label", data.alt);
  loadPlotly(data.library)
    .then((Plotly) => {
      if (!node.isConnected) return undefined;
      const layout = { ...dressed(data.figure.layout ?? {}, colours(node)), height: data.height };
      // Plotly may write into what it is given, and Streamlit hands out the same object again.
      const config = { ...CONFIG, displayModeBar: layout.dragmode === false ? false : "hover" };
      return Plotly.react(node, structuredClone(data.figure.data ?? []), layout, config);
    })
    .then((drawn) => drawn && data.picks && listen(node, (point) => setTriggerValue("picked", point)))
    .catch((problem) => {
      const note = document.createElement("p");
      note.className = "specimen-plot-note";
      note.textContent = problem.message;
      node.replaceChildren(note);
    });
  return () => window.Plotly?.purge(node);
}
