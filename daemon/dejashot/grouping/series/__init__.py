"""Series that are alike on purpose: brackets, panoramas, time-lapses, focus stacks, screenshots."""
