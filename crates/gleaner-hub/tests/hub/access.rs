//! Access to repositories.

use crate::support::{ENCODER, World};
use gleaner_hub::{Fetched, HubError, HubErrorKind, testing::Fault};

fn with_token(world: &World, token: Option<&str>) -> Result<Fetched, HubError> {
    let mut config = world.config();
    config.token = token.map(str::to_owned);
    world.encoder_with(config, ENCODER).0
}

#[test]
fn a_licence_must_be_accepted() {
    let world = World::new();
    world.hub.gate(ENCODER, "right");
    insta::assert_snapshot!(world.error(with_token(&world, None)));
    insta::assert_snapshot!(world.error(with_token(&world, Some("wrong"))));
    with_token(&world, Some("right")).unwrap();
}

#[test]
fn the_token_is_sent_to_the_hub_only() {
    let world = World::new();
    world.hub.gate(ENCODER, "right");
    with_token(&world, Some("right")).unwrap();
    let (store, home): (Vec<_>, Vec<_>) =
        world.hub.take_requests().into_iter().partition(|r| r.path.starts_with("/store/"));
    assert_eq!(store.len(), 1);
    assert!(store.iter().all(|r| r.authorization.is_none()), "{store:?}");
    assert!(home.iter().all(|r| r.authorization.as_deref() == Some("Bearer right")), "{home:?}");
}

#[test]
fn missing_repositories_are_errors() {
    let world = World::new();
    let error = |id: &str| world.error(world.encoder_with(world.config(), id).0);
    // The hub answers 401, so that strangers do not learn which names exist.
    insta::assert_snapshot!(error("our/encodr"));
    insta::assert_snapshot!(error("our/encoder@v9"));
    world.hub.fault("/revision/main", 1, Fault::Status(404, vec![]));
    insta::assert_snapshot!(error(ENCODER));
    insta::assert_snapshot!(world.error(world.data("hub:our/encoder:fo@v1")));
    // A file that is listed but missing.
    world.hub.fault(
        "/config.json",
        1,
        Fault::Status(404, vec![("x-error-code", "EntryNotFound".into())]),
    );
    let error = world.encoder().unwrap_err();
    assert_eq!(error.kind(), HubErrorKind::NotFound);
    assert!(
        error.to_string().starts_with("our/encoder: no config.json at revision main; see "),
        "{error}"
    );
}

#[test]
fn other_refusals_have_a_fix() {
    let world = World::new();
    world.hub.fault("/revision/main", 2, Fault::Status(401, vec![]));
    insta::assert_snapshot!(world.error(with_token(&world, None)));
    insta::assert_snapshot!(world.error(with_token(&world, Some("wrong"))));
    world.hub.fault("/revision/main", 1, Fault::Status(403, vec![]));
    insta::assert_snapshot!(world.error(with_token(&world, None)));
    insta::assert_snapshot!(world.error(with_token(&world, Some("two words"))));
    assert!(world.encoder().is_ok());
}
