//! What happens when we are wrong.
//!
//! A panic's message may quote what was being scanned ("byte index 5 is inside 'é' of `…`"), so it is
//! never printed: the panic hook keeps the place in our source and nothing else. The run then ends with
//! code 70, which blocks in a hook.

use std::io::Write;
use std::panic::{self, UnwindSafe};
use std::sync::Mutex;

use crate::exit::Exit;

/// Where the first panic was.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Runs `body`; a panic in it, or in a thread that it waits for, becomes [`Exit::Bug`].
pub(crate) fn run(err: &mut dyn Write, body: impl FnOnce() -> Exit + UnwindSafe) -> Exit {
    panic::set_hook(Box::new(|info| {
        if let (Some(place), Ok(mut slot)) = (info.location(), PLACE.lock()) {
            slot.get_or_insert_with(|| format!("{}:{}", place.file(), place.line()));
        }
    }));
    panic::catch_unwind(body).unwrap_or_else(|_| {
        let place = PLACE.lock().ok().and_then(|mut p| p.take()).unwrap_or_else(|| "an unknown place".into());
        // Nothing more can be done when standard error is closed: the code still says it.
        let _ = writeln!(
            err,
            "stopleak: internal error at {place}: nothing was decided, so nothing was let through\n  \
             this is a bug in stopleak {}; please report it with this line",
            env!("CARGO_PKG_VERSION")
        );
        Exit::Bug
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_with_70_and_without_its_message() {
        let mut err = Vec::new();
        let exit = run(&mut err, || panic!("the content was CANARY"));
        let said = String::from_utf8(err).unwrap();
        assert_eq!(exit, Exit::Bug);
        assert!(said.contains("guard.rs"), "{said}");
        assert!(!said.contains("CANARY"), "{said}");
    }
}
