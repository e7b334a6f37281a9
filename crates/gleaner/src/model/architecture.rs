//! The classes of transformers for token classification: an encoder and a linear layer.

/// The `model_type` of a family, and its class. ModernBERT is missing: its class has a further layer below the linear
/// one.
const CLASSES: [(&str, &str); 7] = [
    ("bert", "BertForTokenClassification"),
    ("distilbert", "DistilBertForTokenClassification"),
    ("electra", "ElectraForTokenClassification"),
    ("roberta", "RobertaForTokenClassification"),
    ("xlm-roberta", "XLMRobertaForTokenClassification"),
    ("camembert", "CamembertForTokenClassification"),
    ("deberta-v2", "DebertaV2ForTokenClassification"),
];

/// The class of a `model_type`, if it has one.
pub(crate) fn class(model_type: &str) -> Option<&'static str> {
    CLASSES.into_iter().find(|(family, _)| *family == model_type).map(|(_, class)| class)
}

/// All classes.
pub(crate) fn classes() -> impl Iterator<Item = &'static str> {
    CLASSES.into_iter().map(|(_, class)| class)
}
