//! The report of a study in a browser, on a phone's screen.

use gleaner_report::study::*;
use std::path::Path;
use std::process::Command;

#[path = "../src/study/example.rs"]
mod example;

/// The widths of phones, in pixels.
const PHONES: [u32; 2] = [360, 375];

/// Opens all sections and reports to the page around it what does not fit: the width of the document, texts that extend
/// beyond their drawing, and texts of a drawing that overlap.
const MEASURE: &str = r#"<script>
addEventListener("load", () => {
  const folded = document.documentElement.scrollWidth;
  for (const part of document.querySelectorAll("details")) part.open = true;
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
  const width = Math.max(folded, document.documentElement.scrollWidth);
  parent.postMessage(JSON.stringify({inner: innerWidth, width, beyond, overlapping}), "*");
});
</script></body>"#;

/// The report of [`MEASURE`].
#[derive(Debug, serde::Deserialize)]
struct Layout {
    inner: u32,
    width: u32,
    beyond: Vec<String>,
    overlapping: Vec<String>,
}

/// Shows the page in a frame of this width, because a browser's window cannot be as narrow, and measures it.
fn measure(page: &str, width: u32, folder: &Path) -> Layout {
    let page = page.replacen("</body>", MEASURE, 1);
    std::fs::write(folder.join("page.html"), page).unwrap();
    let around = format!(
        "<!DOCTYPE html><pre></pre><script>addEventListener('message', message => \
         document.querySelector('pre').textContent = encodeURIComponent(message.data))</script>\
         <iframe src=\"page.html\" style=\"width:{width}px;height:700px;border:0\"></iframe>"
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
            // The document is printed after all events.
            "--virtual-time-budget=30000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", path.display()))
        .output()
        .unwrap();
    let document = String::from_utf8_lossy(&output.stdout).into_owned();
    let report = document.split("<pre>").nth(1).and_then(|rest| rest.split("</pre>").next());
    let report = decoded(report.unwrap_or_default());
    serde_json::from_str(&report).unwrap_or_else(|error| {
        panic!("{error}: {report:?}\n{}", String::from_utf8_lossy(&output.stderr))
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
        for phone in PHONES {
            let measured = measure(&html(&data), phone, folder.path());
            assert_eq!(measured.inner, phone);
            assert!(measured.width <= phone, "{} px wide: {}", measured.width, data.title);
            assert_eq!(measured.beyond, Vec::<String>::new());
            assert_eq!(measured.overlapping, Vec::<String>::new());
        }
    }
}
