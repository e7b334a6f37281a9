//! Names of columns, as corpora write them in the first row.

/// Names of the column of the words, in lower case, separated by spaces.
const WORDS: &str = "\
    word words token tokens form forms surface wordform word_form mot mots wort wörter palabra \
    palabras palavra palavras parola parole paraula cuvânt cuvant woord woorden ord orð sana \
    sõna szó slovo słowo wyraz riječ reč beseda vārds žodis fjalë hitza gair focal kelime \
    sözcük söz kata neno слово слова токен реч дума збор сөз λέξη מילה كلمة الكلمة کلمه शब्द \
    শব্দ சொல் คำ 词 詞 字 单词 單詞 単語 단어 토큰 トークン";

/// Names of a column of tags, in lower case, separated by spaces.
const TAGS: &str = "\
    tag tags ner ne nerc netag label labels iob bio iob2 iobes bioes entity entities \
    named_entity etiqueta etiquetas étiquette étiquettes etiquette etichetta etikett etiket \
    etichetă tagg merke merki märgend címke tunniste značka oznaka etykieta entité entidad \
    entidade entità entität entiteit entitet varlık entitas тег тэг таг метка мітка ознака \
    етикет сущность ετικέτα תג تگ برچسب 标签 標籤 标注 实体 タグ ラベル 固有表現 태그 개체명";

/// Names of a column that numbers the sentences, in lower case.
const SENTENCES: &[&str] = &[
    "sentence #",
    "sentence#",
    "sentence",
    "sentence_id",
    "sentence id",
    "sentence_idx",
    "sentence_no",
    "sentence_number",
    "sentence-id",
    "sent_id",
    "sent-id",
    "sentid",
    "sent_idx",
];

/// Names of other columns, in lower case.
const OTHERS: [&str; 18] = [
    "id",
    "index",
    "idx",
    "lemma",
    "lemmas",
    "upos",
    "xpos",
    "pos",
    "pos_tag",
    "postag",
    "cpos",
    "feats",
    "head",
    "deprel",
    "deps",
    "misc",
    "chunk",
    "chunk_tag",
];

/// The last part of a name such as `PARSEME:MWE`, in lower case.
fn plain(name: &str) -> String {
    let name = name.trim();
    name.rsplit_once(':').map_or(name, |(_, last)| last).to_lowercase()
}

fn is_one_of(names: &str, name: &str) -> bool {
    names.split(' ').any(|one| one == name)
}

pub(crate) fn is_words(name: &str) -> bool {
    is_one_of(WORDS, &plain(name))
}

/// Also the names of the HIPE tasks, such as `NE-COARSE-LIT`, and names such as `ner_tag` and `gold_ner`.
pub(crate) fn is_tags(name: &str) -> bool {
    let name = plain(name);
    is_one_of(TAGS, &name.replace(' ', "_"))
        || ["ne-", "ner-", "ner_", "ne_", "iob_", "bio_"]
            .iter()
            .any(|start| name.starts_with(start))
        || ["_ner", "-ner", "_iob", "_bio"].iter().any(|end| name.ends_with(end))
}

pub(crate) fn is_sentences(name: &str) -> bool {
    SENTENCES.contains(&plain(name).as_str())
}

/// Whether a name is known, of whatever column.
pub(crate) fn is_known(name: &str) -> bool {
    is_words(name) || is_tags(name) || is_sentences(name) || OTHERS.contains(&plain(name).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_any_case_and_a_project() {
        assert!(is_words("Token") && is_words(" FORM ") && !is_words("lemma"));
        assert!(is_tags("PROJECT:NER") && is_tags("NE-COARSE-LIT") && !is_tags("pos"));
        assert!(is_sentences("Sentence #") && !is_sentences("Sentence text"));
        assert!(is_known("XPOS") && !is_known("Anna"));
    }

    #[test]
    fn names_are_those_of_many_languages() {
        for [words, tags] in [
            ["Mot", "Étiquette"],
            ["Palabra", "Etiqueta"],
            ["СЛОВО", "Метка"],
            ["词", "标签"],
            ["Orð", "merki"],
        ] {
            assert!(is_words(words) && is_tags(tags), "{words} {tags}");
        }
        assert!(is_tags("iob_tag") && is_tags("gold_ner") && !is_tags("corner"));
    }
}
