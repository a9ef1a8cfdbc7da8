// The code on a driver's copy, read by the phone's camera where the browser can; typed or pasted where it cannot.
"use strict";

const form = document.querySelector("form[data-scan]");
const start = form?.querySelector("[data-scan-start]");

async function scan() {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const view = form.querySelector("video");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const stop = () => { for (const track of stream.getTracks()) track.stop(); view.hidden = true; start.hidden = false; };
  view.srcObject = stream;
  view.hidden = false;
  start.hidden = true;
  await view.play();
  addEventListener("pagehide", stop);
  const look = async () => {
    const [found] = await detector.detect(view).catch(() => []);
    if (!found) return requestAnimationFrame(look);
    stop();
    form.querySelector("#code").value = found.rawValue;
    form.requestSubmit();
  };
  look();
}

if (start && "BarcodeDetector" in window && navigator.mediaDevices) {
  start.hidden = false;
  start.addEventListener("click", () => scan().catch(() => { start.hidden = true; form.querySelector("#code").focus(); }));
}
