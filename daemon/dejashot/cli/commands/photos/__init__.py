"""Commands about photos: see which are the same shot, choose, and put the choice into practice."""
