// Both the lab and Spectre.Console have these names; in this program they mean the lab's.
global using Profile = Rindoku.Lab.Profile;
global using Progress = Rindoku.Lab.Progress;
