window.tiles = () =>
  [...document.querySelectorAll("[data-testid=stImage] img")]
    .map((image) => [image, image.getBoundingClientRect()])
    .filter(([, box]) => box.top < innerHeight && box.bottom > 0)
    .map(([image], place) => [place, image.complete && image.naturalWidth > 0]);

window.resting = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning";
