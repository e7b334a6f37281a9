//! The shell blocks of a Markdown page.

use std::path::Path;

/// A page with its shell blocks.
pub struct Page {
    /// Its path in the repository.
    pub name: String,
    /// Blocks to run, in order.
    pub blocks: Vec<Block>,
    /// Lines that look like commands in blocks that are not checked.
    pub loose: Vec<String>,
}

/// A shell block.
pub struct Block {
    /// The line of its fence, from 1.
    pub line: usize,
    pub commands: Vec<Command>,
    /// The exit code of its last command.
    pub exit: i32,
    /// Whether output is compared.
    pub compared: bool,
}

/// A command, or a script of several lines.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    pub script: String,
    /// The lines that the page shows below it.
    pub output: Vec<String>,
}

impl Page {
    pub fn read(root: &Path, path: &Path) -> Self {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        Self::parse(name, &std::fs::read_to_string(path).unwrap())
    }

    fn parse(name: String, text: &str) -> Self {
        let mut page = Self { name, blocks: Vec::new(), loose: Vec::new() };
        let mut comment = "";
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            if let Some(language) = line.trim_start().strip_prefix("```") {
                let inner = lines.by_ref().map(|(_, line)| line);
                let inner: Vec<&str> =
                    inner.take_while(|line| line.trim_start() != "```").collect();
                page.add(language, comment, number + 1, &inner);
                comment = "";
            } else if let Some(text) = line.strip_prefix("<!--") {
                comment = text.trim_end_matches("-->").trim();
            } else if !line.trim().is_empty() {
                comment = "";
            }
        }
        page
    }

    fn add(&mut self, language: &str, comment: &str, line: usize, inner: &[&str]) {
        let commands = match language {
            "sh" => vec![Command { script: inner.join("\n"), output: Vec::new() }],
            "console" => commands(inner),
            _ => {
                let loose = inner.iter().filter(|line| is_command(line));
                self.loose.extend(loose.map(|line| (*line).to_owned()));
                return;
            }
        };
        if let Some(reason) = comment.strip_prefix("not run") {
            let reason = reason.trim_start_matches(':').trim();
            assert!(!reason.is_empty(), "{}:{line}: say why the block is not run", self.name);
            return;
        }
        let exit = comment.strip_prefix("exit ").map_or(0, |code| code.parse().unwrap());
        self.blocks.push(Block { line, commands, exit, compared: comment != "output varies" });
    }

    pub fn has_blocks(&self) -> bool {
        !self.blocks.is_empty()
    }
}

fn is_command(line: &str) -> bool {
    let line = line.strip_prefix("$ ").unwrap_or(line);
    line.starts_with("gleaner ")
}

/// The commands of a `console` block.
fn commands(lines: &[&str]) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    let mut unfinished = false;
    for line in lines {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(script), _) => {
                commands.push(Command { script: script.to_owned(), output: Vec::new() });
            }
            (None, Some(last)) if unfinished => {
                last.script = format!("{}\n{line}", last.script);
            }
            (None, Some(last)) => last.output.push((*line).to_owned()),
            (None, None) => panic!("a console block starts with `$ `, not with {line:?}"),
        }
        // A command goes over several lines where they end with a backslash.
        unfinished = line.ends_with('\\');
    }
    commands
}

#[test]
fn blocks_are_found_with_their_comments() {
    let text = "# A\n\n```sh\na\nb\n```\n\n<!-- exit 6 -->\n```console\n$ c \\\n    d\nout\n…\n$ e\n```\n\n\
                <!-- not run: too slow -->\n\n```sh\nf\n```\n\n```\ngleaner g\n```\n\n<!-- output varies -->\n\n```console\n$ h\n```\n";
    let page = Page::parse("p.md".into(), text);
    let shown = |b: &Block| (b.line, b.exit, b.compared, b.commands.len());
    let blocks: Vec<_> = page.blocks.iter().map(shown).collect();
    assert_eq!(blocks, [(3, 0, true, 1), (9, 6, true, 2), (29, 0, false, 1)]);
    assert_eq!(page.blocks[0].commands[0].script, "a\nb");
    let first = &page.blocks[1].commands[0];
    assert_eq!((first.script.as_str(), first.output.len()), ("c \\\n    d", 2));
    assert_eq!(page.loose, ["gleaner g"]);
}
