//! The presets' values in help texts.

use clap::Arg;
use gleaner::Settings;

/// The help of an option, with its defaults if it is a setting.
pub(super) fn with_defaults(option: Arg) -> Arg {
    let Some(defaults) = option.get_long().and_then(Settings::defaults) else { return option };
    let Some(help) = option.get_help().map(ToString::to_string) else { return option };
    // What an absent value means is written in the help itself.
    if help.contains("[default:") {
        return option;
    }
    option.help(format!("{help} [default: {defaults}]"))
}
