//! Which repositories a viewer is shown.
