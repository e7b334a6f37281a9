//! The report of a study in a browser, as narrow as a phone.

use std::path::Path;
use std::process::Command;

use gleaner_report::study::*;

#[path = "../src/study/example.rs"]
mod example;

/// The width of a small phone, in pixels.
const PHONE: u32 = 360;

/// Tells the page around it what does not fit: the width of the document, texts that go beyond their
/// drawing, and texts of a drawing that lie on each other.
const MEASURE: &str = r#"<script>
addEventListener("load", () => {
  const beyond = [], overlapping = [];
  for (const svg of document.querySelectorAll("svg")) {
    const outer = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll("text")].filter(text => text.textContent).map(text => [text.textContent, text.getBoundingClientRect()]);
    boxes.forEach(([text, box], index) => {
      if (box.left < outer.left - 1 || box.right > outer.right + 1 || box.top < outer.top - 1 || box.bottom > outer.bottom + 1)
        beyond.push(text);
      for (const [other, its] of boxes.slice(0, index)) {
        const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
        const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
        if (across > 1 && down > 4) overlapping.push(other + " / " + text);
      }
    });
  }
  const width = document.documentElement.scrollWidth;
  parent.postMessage(JSON.stringify({inner: innerWidth, width, beyond, overlapping}), "*");
});
</script></body>"#;

/// What [`MEASURE`] found.
#[derive(Debug, serde::Deserialize)]
struct Layout {
    inner: u32,
    width: u32,
    beyond: Vec<String>,
    overlapping: Vec<String>,
}

/// Shows the page in a frame as narrow as a phone (a browser's own window cannot be) and measures it.
fn measure(page: &str, folder: &Path) -> Layout {
    let page = page.replacen("</body>", MEASURE, 1);
    std::fs::write(folder.join("page.html"), page).unwrap();
    let around = format!(
        "<!DOCTYPE html><pre></pre><script>addEventListener('message', message => \
         document.querySelector('pre').textContent = encodeURIComponent(message.data))</script>\
         <iframe src=\"page.html\" style=\"width:{PHONE}px;height:700px;border:0\"></iframe>"
    );
    let path = folder.join("around.html");
    std::fs::write(&path, around).unwrap();
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // Every event has come before the document is printed.
            "--virtual-time-budget=30000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", path.display()))
        .output()
        .unwrap();
    let document = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = document.split("<pre>").nth(1).and_then(|rest| rest.split("</pre>").next());
    let told = decoded(told.unwrap_or_default());
    serde_json::from_str(&told).unwrap_or_else(|error| {
        panic!("{error}: {told:?}\n{}", String::from_utf8_lossy(&output.stderr))
    })
}

/// Undoes `encodeURIComponent`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let pair = [*high, *low];
                let pair = std::str::from_utf8(&pair).unwrap();
                bytes.push(u8::from_str_radix(pair, 16).unwrap());
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
#[cfg_attr(not(chromium), ignore = "needs the program `chromium`")]
fn reports_fit_a_phone() {
    let folder = tempfile::tempdir().unwrap();
    let none = StudyData::default();
    for data in [example::study(), example::large(), example::hostile(), none] {
        let measured = measure(&html(&data), folder.path());
        assert_eq!(measured.inner, PHONE);
        assert!(measured.width <= PHONE, "{} px wide: {}", measured.width, data.title);
        assert_eq!(measured.beyond, Vec::<String>::new());
        assert_eq!(measured.overlapping, Vec::<String>::new());
    }
}
