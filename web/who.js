// "Where I am": the phone is asked for its position when the button is pressed, and the khu vực is found here, from the
// boundaries that the map shows. The position is sent nowhere and kept nowhere.
function inside(ring, x, y) {
  let within = false;
  for (let i = 0, k = ring.length - 1; i < ring.length; k = i, i += 1) {
    const [ax, ay] = ring[i], [bx, by] = ring[k];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
  }
  return within;
}

// Holes and outer rings alike: what lies in an odd number of them lies in the area.
const holds = (geometry, x, y) => {
  const rings = geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
  return rings.filter((ring) => inside(ring, x, y)).length % 2 === 1;
};

const box = document.querySelector("[data-x-who]");
if (box && "geolocation" in navigator) {
  const button = box.querySelector("[data-x-here]"), told = box.querySelector("[data-x-told]");
  const areas = new Map([...document.querySelectorAll("[data-x-area]")].map((link) => [link.dataset.xArea, link.href]));
  const end = (words) => {
    told.textContent = words;
    button.disabled = false;
  };
  box.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    told.textContent = "…";
    navigator.geolocation.getCurrentPosition(async ({ coords }) => {
      try {
        const answer = await fetch(box.dataset.xWho, { credentials: "omit" });
        const { features } = await answer.json();
        const codes = features.filter((f) => areas.has(f.properties.code) && holds(f.geometry, coords.longitude, coords.latitude)).map((f) => f.properties.code).sort();
        if (codes.length) location.href = `${areas.get(codes[0])}#area`;
        else end(told.dataset.outside);
      } catch (e) {
        end(told.dataset.failed);
      }
    }, () => end(told.dataset.failed), { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 });
  });
}
