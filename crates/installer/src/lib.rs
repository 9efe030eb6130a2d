//! Plans, applies, undoes and checks the wiring of the hook shims.
