//! Work that makes more work, shared by a few threads.
//!
//! A folder holds folders. Workers take the newest item first, which keeps the queue short, and stop when
//! it is empty *and* nobody is still at work who could add to it.

use std::sync::{Condvar, Mutex, PoisonError};

/// A queue that knows when all is done.
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    items: Vec<T>,
    /// Items taken and not yet done.
    busy: usize,
}

impl<T> Queue<T> {
    /// A queue of these items.
    pub(crate) fn new(items: Vec<T>) -> Self {
        Self { state: Mutex::new(State { items, busy: 0 }), changed: Condvar::new() }
    }

    /// Adds items.
    pub(crate) fn extend(&self, more: impl IntoIterator<Item = T>) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).items.extend(more);
        self.changed.notify_all();
    }

    /// The next item; waits while others may still add some. [`Queue::done`] must follow each.
    pub(crate) fn take(&self) -> Option<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(item) = state.items.pop() {
                state.busy += 1;
                return Some(item);
            }
            if state.busy == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Marks a taken item as done.
    pub(crate) fn done(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.busy -= 1;
        if state.busy == 0 && state.items.is_empty() {
            self.changed.notify_all();
        }
    }
}

/// Marks an item as done when dropped, so that a panicking worker does not leave the others waiting.
pub(crate) struct Done<'q, T>(pub(crate) &'q Queue<T>);

impl<T> Drop for Done<'_, T> {
    fn drop(&mut self) {
        self.0.done();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn every_item_and_what_it_makes_is_taken_once() {
        let queue = Queue::new(vec![12_usize]);
        let taken = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some(n) = queue.take() {
                        let _done = Done(&queue);
                        taken.fetch_add(1, Ordering::Relaxed);
                        queue.extend((0..n).filter(|m| m % 3 == 0));
                    }
                });
            }
        });
        // t(n) = 1 + t(0) + t(3) + … below n: 1, 2, 4, 8 for 0, 3, 6, 9, and 16 for 12.
        assert_eq!(taken.load(Ordering::Relaxed), 16);
    }
}
