const reply = await fetch("/api/project");
const project = await reply.json();
document.querySelector("h1").textContent = project.name;
