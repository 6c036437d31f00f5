"""A minor's legal representative agrees to an idea, or has it erased."""
