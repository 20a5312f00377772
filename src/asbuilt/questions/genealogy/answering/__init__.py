"""What is made of unit sets: answers and their customers, lists, flow, common factors, what a change or a notice reaches."""
