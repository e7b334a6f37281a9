//! The labelling configuration of a project, in XML.

use crate::Refusal;
use roxmltree::{Document, Node};
use std::collections::{BTreeMap, HashSet};

/// Maximum number of bytes of a configuration. Reading one takes time that grows with the square of its attributes.
const LONGEST: usize = 128 << 10;

/// Where labels go in a project.
#[derive(Debug, PartialEq)]
pub(super) struct Config {
    /// The name of the control `Labels`.
    pub(super) from_name: String,
    /// The name of the `Text` that it labels.
    pub(super) to_name: String,
    /// The key of the text in the data of a task.
    pub(super) key: String,
    /// The project's label for each type of the model. Types that the project does not have are absent.
    pub(super) labels: BTreeMap<String, String>,
}

impl Config {
    /// Reads the first control `Labels` for a `Text`. A label stands for the type of its `value`, of its `alias`, or of
    /// one of its `predicted_values`, which are separated by commas.
    pub(super) fn parse(xml: &str, types: &[String]) -> Result<Self, Refusal> {
        if xml.len() > LONGEST {
            return Err(Refusal::malformed(format!(
                "the labelling configuration is longer than {LONGEST} bytes; shorten it"
            )));
        }
        let document = Document::parse(xml).map_err(|error| {
            Refusal::malformed(format!("the labelling configuration is not XML: {error}"))
        })?;
        let elements = || document.descendants().filter(Node::is_element);
        let text_of = |control: Node<'_, '_>| -> Option<(String, String)> {
            let targets: HashSet<&str> =
                control.attribute("toName")?.split(',').map(str::trim).collect();
            let (name, text) =
                elements().filter(|node| node.has_tag_name("Text")).find_map(|text| {
                    let name = text.attribute("name")?;
                    targets.contains(name).then_some((name, text))
                })?;
            Some((name.to_owned(), text.attribute("value")?.trim_start_matches('$').to_owned()))
        };
        let controls = elements().filter(|node| node.has_tag_name("Labels"));
        let mut found = controls.filter_map(|control| {
            let (to_name, key) = text_of(control)?;
            Some((control, control.attribute("name")?.to_owned(), to_name, key))
        });
        let Some((control, from_name, to_name, key)) = found.next() else {
            let what = "the labelling configuration has no control `Labels` for a `Text`; add them: <Labels name=\"label\" toName=\"text\">…</Labels><Text name=\"text\" value=\"$text\"/>";
            return Err(Refusal::malformed(what));
        };
        let labels = labels(control, types);
        if labels.is_empty() {
            return Err(Refusal::malformed(format!(
                "the labelling configuration has none of the model's types: {}; add them, or name them in `predicted_values` of a label",
                types.join(", ")
            )));
        }
        Ok(Self { from_name, to_name, key, labels })
    }
}

fn labels(control: Node<'_, '_>, types: &[String]) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    for label in control.descendants().filter(|node| node.has_tag_name("Label")) {
        let attribute = |name| label.attribute(name).filter(|value| !value.is_empty());
        // Label Studio writes the alias, if there is one.
        let Some(shown) = attribute("alias").or_else(|| attribute("value")) else { continue };
        let predicted = attribute("predicted_values").unwrap_or_default().split(',').map(str::trim);
        let names = attribute("value").into_iter().chain(attribute("alias")).chain(predicted);
        for name in names.filter(|name| types.iter().any(|known| known == name)) {
            labels.entry(name.to_owned()).or_insert_with(|| shown.to_owned());
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(xml: &str) -> Result<Config, String> {
        let types = ["LOC", "ORG", "PER"].map(str::to_owned);
        Config::parse(xml, &types).map_err(|refusal| refusal.what().to_owned())
    }

    #[test]
    fn names_and_labels_are_those_of_the_project() {
        let config = parse(
            r#"<View>
                <Choices name="mood" toName="body"><Choice value="PER"/></Choices>
                <Labels name="image-labels" toName="image"><Label value="LOC"/></Labels>
                <Image name="image" value="$url"/>
                <Labels name="ner" toName="body">
                    <Label value="PER" background="red"/>
                    <Label value="Place" predicted_values="GPE, LOC"/>
                    <Label value="Organisation" alias="ORG"/>
                    <Label value="MISC"/>
                </Labels>
                <Text name="body" value="$message"/>
            </View>"#,
        )
        .unwrap();
        let labels = [("LOC", "Place"), ("ORG", "ORG"), ("PER", "PER")];
        let labels = labels.map(|(name, label)| (name.to_owned(), label.to_owned())).into();
        let (from_name, to_name, key) = ("ner".to_owned(), "body".to_owned(), "message".to_owned());
        assert_eq!(config, Config { from_name, to_name, key, labels });
    }

    #[test]
    fn what_cannot_be_served_is_refused_with_a_reason() {
        let text = r#"<Text name="text" value="$text"/>"#;
        for (xml, said) in [
            ("<View>".to_owned(), "is not XML"),
            (format!("<View>{text}</View>"), "has no control `Labels`"),
            (
                format!(r#"<View><Labels name="l" toName="other"/>{text}</View>"#),
                "has no control `Labels`",
            ),
            (
                format!(
                    r#"<View><Labels name="l" toName="text"><Label value="per"/></Labels>{text}</View>"#
                ),
                "none of the model's types: LOC, ORG, PER",
            ),
            (format!("<View>{}</View>", " ".repeat(LONGEST)), "is longer than 131072 bytes"),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><View>&b;</View>".to_owned(), "is not XML"),
        ] {
            let error = parse(&xml).unwrap_err();
            assert!(error.contains(said), "{xml}\n{error}");
        }
    }
}
