const hour = new Date().getHours();
document.getElementById("light").textContent = hour < 6 || hour > 18 ? "lit now" : "lit at dusk";
